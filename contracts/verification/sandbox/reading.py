"""Read an untrusted PDF and its signatures, or a ZIP archive. Runs in the sandbox: bytes in, facts out."""

import hashlib
import json
import os
import re
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from io import BytesIO
from typing import IO
from zipfile import ZipFile

from pyhanko.pdf_utils.generic import DictionaryObject
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation import EmbeddedPdfSignature, PdfSignatureStatus, SignatureCoverageLevel
from pyhanko.sign.validation.errors import SignatureValidationError

from contracts.sealing.trust import Trust, all_crls, judge, unless_revoked

MAX_SIGNATURES = 4
"""Maximum signatures that are examined. Our files have one."""

ZIP_START = b"PK\x03\x04"
ZIP_ENTRY = b"PK\x01\x02"
"""Beginning of each entry in an archive's directory, whose own count may be wrong."""
MAX_ARCHIVE_ENTRIES = 16
MAX_ARCHIVED_BYTES = 20 * 1024 * 1024
"""Maximum number of bytes that are unpacked. Files to verify may have no more."""
MAC_ATTRIBUTES = "__MACOSX/"
"""Folder that macOS adds to archives."""

END_OF_FILE = re.compile(rb"startxref\s+\d+\s+%%EOF\r?\n?\Z")
TRAILER_SEARCH_BYTES = 64
"""Bytes at the end in which END_OF_FILE is searched. Signed files are always longer."""
OBJECT = re.compile(rb"(?<!\d)\d+[\0\s]+\d+[\0\s]+obj")
"""Beginning of an object, as programs that repair files search for it."""


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
    timestamped: bool = False
    revoked_at: datetime | None = None
    """Revocation time (aware), if our certificate has been revoked by now: `certificate` is OURS if that came later."""


NOT_OURS = SignatureFacts(Certificate.NOT_OURS, intact=False, whole=False, sound=False)
"""Facts of a signature of a stranger, in another format or unreadable."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts of a file. `signatures` holds the first MAX_SIGNATURES of `count`, oldest first."""

    problem: Problem | None = None
    count: int = 0
    signatures: tuple[SignatureFacts, ...] = ()
    archived_sha256: str = ""
    """SHA-256 in hex of the only file in a ZIP archive. Nothing else is read of an archive."""
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
                timestamped=one["timestamped"] is True,
                revoked_at=datetime.fromisoformat(one["revoked_at"]) if one["revoked_at"] else None,
            )
            for one in members["signatures"]
        )
        problem = Problem(members["problem"]) if members["problem"] else None
        archived = str(members["archived_sha256"])
        return cls(problem, int(members["count"]), signatures, archived, float(members["cpu_seconds"]))


def read_facts(content: bytes, trusted: Trust, *, now: datetime, at: datetime | None = None) -> Facts:
    """Read a file and return its facts, whatever it is. Only the limits of the process can end it otherwise.

    Signatures are judged as of `at` or, if None, of the time each claims, at the latest `now`. Both are aware.
    """
    try:
        if content.startswith(ZIP_START):
            return Facts(archived_sha256=_only_archived_sha256(content))
        reader = PdfFileReader(BytesIO(content), strict=False)
        reader.root["/Pages"]
        signatures = _signatures(reader)
        facts = tuple(_facts(one, trusted, now, at) for one in signatures[:MAX_SIGNATURES])
    except (MemoryError, RecursionError):
        return Facts(Problem.TOO_COMPLEX)
    except Exception:  # parsers raise anything for damaged files
        return Facts(Problem.UNREADABLE)
    return Facts(count=len(signatures), signatures=facts)


def _only_archived_sha256(content: bytes) -> str:
    """Return the SHA-256 of the only file in an archive, up to MAX_ARCHIVED_BYTES; empty if there are several."""
    if content.count(ZIP_ENTRY) > MAX_ARCHIVE_ENTRIES:
        return ""
    with ZipFile(BytesIO(content)) as archive:
        files = [one for one in archive.infolist() if not (one.is_dir() or one.filename.startswith(MAC_ATTRIBUTES))]
        if len(files) != 1:
            return ""
        with archive.open(files[0]) as file:
            return hashlib.sha256(file.read(MAX_ARCHIVED_BYTES)).hexdigest()


def _signatures(reader: PdfFileReader) -> list[EmbeddedPdfSignature | None]:
    """Return the signatures of a file, oldest first; None for each that cannot be read, which come last.

    Document timestamps, which a seal permits, are left out, but not if the file has no other signature.
    """
    fields = [(name, field) for name, _value, field in enumerate_sig_fields(reader, filled_status=True)]
    read = [_read_signature(reader, field, name) for name, field in fields]
    signatures = sorted(filter(None, read), key=lambda one: one.signed_revision)
    regular = [one for one in signatures if one.sig_object_type != "/DocTimeStamp"]
    return [*regular, *(one for one in read if one is None)] or [*signatures]


def _read_signature(reader: PdfFileReader, field: DictionaryObject, name: str) -> EmbeddedPdfSignature | None:
    try:
        return EmbeddedPdfSignature(reader, field, name)
    except (MemoryError, RecursionError):
        raise
    except Exception:  # parsers raise anything for damaged values
        return None


def _facts(
    signature: EmbeddedPdfSignature | None, trusted: Trust, now: datetime, at: datetime | None
) -> SignatureFacts:
    try:
        if signature is None:
            return NOT_OURS
        at = at or min(signature.self_reported_timestamp or now, now)
        status = judge(signature, trusted, at=at)
        certificate, revocation = _certificate(status, at), status.revocation_details
        if certificate == Certificate.OURS:
            revocation = unless_revoked(status, all_crls(signature, trusted), at=now).revocation_details
        return SignatureFacts(
            certificate,
            intact=status.intact and status.valid,
            whole=_is_whole(signature, status),
            sound=status.bottom_line,
            timestamped=status.timestamp_validity is not None,
            revoked_at=revocation.revocation_date if revocation else None,
        )
    except (MemoryError, RecursionError):
        raise
    except Exception:  # as above
        return NOT_OURS


def _is_whole(signature: EmbeddedPdfSignature, status: PdfSignatureStatus) -> bool:
    if status.coverage == SignatureCoverageLevel.ENTIRE_FILE:
        return True
    added = status.coverage == SignatureCoverageLevel.ENTIRE_REVISION and bool(status.docmdp_ok)
    permitted = added and status.modification_level == ModificationLevel.LTA_UPDATES
    # pyHanko does not count bytes outside the revisions' objects as a modification.
    return (
        permitted
        and _ends_well(signature.reader.stream)
        and not _has_stray_objects(signature)
        and _is_unambiguous(signature.reader.stream)
    )


def _ends_well(stream: IO[bytes]) -> bool:
    stream.seek(-TRAILER_SEARCH_BYTES, os.SEEK_END)
    return END_OF_FILE.search(stream.read()) is not None


def _has_stray_objects(signature: EmbeddedPdfSignature) -> bool:
    """Return True if objects were added that no cross-reference table lists. Programs that repair files show them."""
    xrefs, (_start, _size, start, size) = signature.reader.xrefs, signature.byte_range
    listed: set[object] = set()
    for revision in range(signature.signed_revision + 1, xrefs.total_revisions):
        listed.add(xrefs.get_xref_container_info(revision).start_location)  # of a cross-reference stream
        listed |= {xrefs.get_historical_ref(ref, revision) for ref in xrefs.explicit_refs_in_revision(revision)}
    stream = signature.reader.stream
    stream.seek(start + size)
    return any(start + size + found.start() not in listed for found in OBJECT.finditer(stream.read()))


def _is_unambiguous(stream: IO[bytes]) -> bool:
    """Return True if pyHanko's strict mode accepts the additions too.

    It refuses duplicate keys, for example, of which PDF readers show the last and pyHanko reads the first.
    """
    try:
        for signature in PdfFileReader(stream).embedded_regular_signatures:
            signature.compute_integrity_info()
    except (PdfError, SignatureValidationError):
        return False
    return True


def _certificate(status: PdfSignatureStatus, at: datetime) -> Certificate:
    """Return the certificate's status at `at`. Invalid signatures count as not ours."""
    if status.revocation_details:
        return Certificate.REVOKED
    path = list(status.validation_path or ())  # empty unless it leads to one of our roots
    if any(not one.not_valid_before <= at <= one.not_valid_after for one in path):
        return Certificate.OUT_OF_TIME
    ours = bool(path) and status.trust_problem_indic is None
    return Certificate.OURS if ours else Certificate.NOT_OURS
