"""Read an untrusted PDF and its signatures. Runs in the sandbox: bytes in, facts out."""

import json
import os
import re
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from io import BytesIO
from typing import IO

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import EmbeddedPdfSignature, PdfSignatureStatus, SignatureCoverageLevel

from contracts.sealing.trust import Trust, judge

MAX_SIGNATURES = 4
"""Maximum signatures that are examined. Our files have one."""

END_OF_FILE = re.compile(rb"startxref\s+\d+\s+%%EOF\r?\n?\Z")
TRAILER_SEARCH_BYTES = 64
"""Bytes at the end in which END_OF_FILE is searched. Signed files are always longer."""


class Problem(StrEnum):
    """Why a file could not be read."""

    UNREADABLE = "unreadable"
    TOO_COMPLEX = "too_complex"


class Certificate(StrEnum):
    """Status of a signature's certificate."""

    OURS = "ours"
    OUT_OF_TIME = "out_of_time"
    REVOKED = "revoked"
    NOT_OURS = "not_ours"


@dataclass(frozen=True, slots=True)
class SignatureFacts:
    """A signature, judged as of one time."""

    certificate: Certificate
    intact: bool
    """True if the covered bytes are unchanged and the signature matches its certificate."""
    whole: bool
    """True if the signature covers the whole file, apart from permitted additions such as revocation data."""
    sound: bool
    """True if pyHanko finds no fault at all, including the timestamp."""
    revoked_at: datetime | None = None
    """Revocation time (aware), if revoked."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts of a file. `signatures` holds the first MAX_SIGNATURES of `count`, oldest first."""

    problem: Problem | None = None
    count: int = 0
    signatures: tuple[SignatureFacts, ...] = ()
    cpu_seconds: float = 0.0
    """CPU time spent on reading the file."""

    def to_json(self, *, cpu_seconds: float) -> str:
        return json.dumps(asdict(self) | {"cpu_seconds": cpu_seconds}, default=datetime.isoformat)

    @classmethod
    def from_json(cls, text: bytes) -> "Facts":
        """Parse the output of to_json. Raises KeyError, TypeError or ValueError for anything else."""
        members = json.loads(text)
        signatures = tuple(
            SignatureFacts(
                certificate=Certificate(one["certificate"]),
                intact=one["intact"] is True,
                whole=one["whole"] is True,
                sound=one["sound"] is True,
                revoked_at=datetime.fromisoformat(one["revoked_at"]) if one["revoked_at"] else None,
            )
            for one in members["signatures"]
        )
        problem = Problem(members["problem"]) if members["problem"] else None
        return cls(problem, int(members["count"]), signatures, float(members["cpu_seconds"]))


def read_facts(content: bytes, trusted: Trust, *, now: datetime, at: datetime | None = None) -> Facts:
    """Read a PDF and return its facts, whatever the file. Only the limits of the process can end it otherwise.

    Signatures are judged as of `at` or, if None, of the time each claims, at the latest `now`. Both are aware.
    """
    try:
        reader = PdfFileReader(BytesIO(content), strict=False)
        reader.root["/Pages"]
        signatures = reader.embedded_regular_signatures
        facts = tuple(_signature(one, trusted, now, at) for one in signatures[:MAX_SIGNATURES])
    except (MemoryError, RecursionError):
        return Facts(Problem.TOO_COMPLEX)
    except Exception:  # parsers raise anything for damaged files
        return Facts(Problem.UNREADABLE)
    return Facts(count=len(signatures), signatures=facts)


def _signature(signature: EmbeddedPdfSignature, trusted: Trust, now: datetime, at: datetime | None) -> SignatureFacts:
    try:
        at = at or min(signature.self_reported_timestamp or now, now)
        status = judge(signature, trusted, at=at)
        certificate, revoked_at = _certificate(status, at)
        return SignatureFacts(
            certificate, status.intact and status.valid, _is_whole(signature, status), status.bottom_line, revoked_at
        )
    except (MemoryError, RecursionError):
        raise
    except Exception:  # as above
        return SignatureFacts(Certificate.NOT_OURS, intact=False, whole=False, sound=False)


def _is_whole(signature: EmbeddedPdfSignature, status: PdfSignatureStatus) -> bool:
    if status.coverage == SignatureCoverageLevel.ENTIRE_FILE:
        return True
    added = status.coverage == SignatureCoverageLevel.ENTIRE_REVISION and bool(status.docmdp_ok)
    # pyHanko does not count junk after the last revision as a modification.
    return added and status.modification_level == ModificationLevel.LTA_UPDATES and _ends_well(signature.reader.stream)


def _ends_well(stream: IO[bytes]) -> bool:
    stream.seek(-TRAILER_SEARCH_BYTES, os.SEEK_END)
    return END_OF_FILE.search(stream.read()) is not None


def _certificate(status: PdfSignatureStatus, at: datetime) -> tuple[Certificate, datetime | None]:
    """Return the certificate's status at `at`, and when it was revoked. Invalid signatures count as not ours."""
    if status.revocation_details:
        return Certificate.REVOKED, status.revocation_details.revocation_date
    path = list(status.validation_path or ())  # empty unless it leads to one of our roots
    if any(not one.not_valid_before <= at <= one.not_valid_after for one in path):
        return Certificate.OUT_OF_TIME, None
    ours = bool(path) and status.trust_problem_indic is None
    return (Certificate.OURS if ours else Certificate.NOT_OURS), None
