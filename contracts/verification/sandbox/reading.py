"""What a file from outside says of itself and its signatures. Runs in the limited process: bytes in, facts out."""

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

MOST_SIGNATURES = 4
"""Our files have one. Of a file with more, so many are looked at."""

END_OF_FILE = re.compile(rb"startxref\s+\d+\s+%%EOF\r?\n?\Z")
ROOM_OF_END = 64
"""Bytes at the end of a file that END_OF_FILE is looked for in; a file with a signature has more."""


class Problem(StrEnum):
    """Why a file could not be read."""

    UNREADABLE = "unreadable"
    TOO_COMPLEX = "too_complex"


class Certificate(StrEnum):
    """What a signature's certificate is to us."""

    OURS = "ours"
    OUT_OF_TIME = "out_of_time"
    REVOKED = "revoked"
    NOT_OURS = "not_ours"


@dataclass(frozen=True, slots=True)
class SignatureFacts:
    """One signature, judged as of one instant."""

    certificate: Certificate
    intact: bool
    """Whether the part that it covers is what was signed, and the signature is its certificate's."""
    whole: bool
    """Whether that is all of the file, but for additions that a sealed file may have, such as revocation data."""
    sound: bool
    """Whether pyHanko finds nothing wrong at all, of its timestamp neither."""
    revoked_at: datetime | None = None
    """Of a revoked certificate; aware."""


@dataclass(frozen=True, slots=True)
class Facts:
    """`signatures` holds the first MOST_SIGNATURES of `count`, in the order in which they were made."""

    problem: Problem | None = None
    count: int = 0
    signatures: tuple[SignatureFacts, ...] = ()
    cpu_seconds: float = 0.0
    """CPU time that reading took."""

    def to_json(self, *, cpu_seconds: float) -> str:
        return json.dumps(asdict(self) | {"cpu_seconds": cpu_seconds}, default=datetime.isoformat)

    @classmethod
    def from_json(cls, said: bytes) -> "Facts":
        """Raises KeyError, TypeError or ValueError for what to_json did not make."""
        read = json.loads(said)
        signatures = tuple(
            SignatureFacts(
                certificate=Certificate(one["certificate"]),
                intact=one["intact"] is True,
                whole=one["whole"] is True,
                sound=one["sound"] is True,
                revoked_at=datetime.fromisoformat(one["revoked_at"]) if one["revoked_at"] else None,
            )
            for one in read["signatures"]
        )
        problem = Problem(read["problem"]) if read["problem"] else None
        return cls(problem, int(read["count"]), signatures, float(read["cpu_seconds"]))


def facts_of(content: bytes, trusted: Trust, *, now: datetime, at: datetime | None = None) -> Facts:
    """Reads a PDF file. Any file gets facts; only the process's limits end it otherwise.

    Signatures are judged as of `at`, or (None) of the time that each claims for itself, `now` at the latest; aware.
    """
    try:
        reader = PdfFileReader(BytesIO(content), strict=False)
        reader.root["/Pages"]
        signatures = reader.embedded_regular_signatures
        facts = tuple(_signature(one, trusted, now, at) for one in signatures[:MOST_SIGNATURES])
    except (MemoryError, RecursionError):
        return Facts(Problem.TOO_COMPLEX)
    except Exception:  # a damaged file makes parsers raise anything whatever
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
    # For pyHanko, junk behind the last revision is no modification.
    return added and status.modification_level == ModificationLevel.LTA_UPDATES and _ends_well(signature.reader.stream)


def _ends_well(stream: IO[bytes]) -> bool:
    stream.seek(-ROOM_OF_END, os.SEEK_END)
    return END_OF_FILE.search(stream.read()) is not None


def _certificate(status: PdfSignatureStatus, at: datetime) -> tuple[Certificate, datetime | None]:
    """What the certificate was to us at `at`. Where the signature's value does not hold, it says nothing: not ours."""
    if status.revocation_details:
        return Certificate.REVOKED, status.revocation_details.revocation_date
    path = list(status.validation_path or ())  # there is none but to a root of ours
    if any(not one.not_valid_before <= at <= one.not_valid_after for one in path):
        return Certificate.OUT_OF_TIME, None
    ours = bool(path) and status.trust_problem_indic is None
    return (Certificate.OURS if ours else Certificate.NOT_OURS), None
