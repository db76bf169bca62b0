"""What a file from outside says of itself and its signatures. Runs in the limited process: bytes in, facts out."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from io import BytesIO

from asn1crypto import x509
from cryptography import x509 as pyca
from cryptography.exceptions import InvalidSignature
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESFailure, AdESIndeterminate
from pyhanko.sign.validation import EmbeddedPdfSignature, PdfSignatureStatus, SignatureCoverageLevel

from contracts.sealing.trust import Trust, judge

MOST_SIGNATURES = 4
"""Our files have one. Of a file with more, so many are looked at."""

REVOKED = {AdESFailure.REVOKED, AdESIndeterminate.REVOKED_NO_POE, AdESIndeterminate.REVOKED_CA_NO_POE}
OUT_OF_TIME = {AdESIndeterminate.OUT_OF_BOUNDS_NO_POE, AdESFailure.NOT_YET_VALID}


class Problem(StrEnum):
    """Why a file could not be read."""

    UNREADABLE = "unreadable"
    TOO_COMPLEX = "too_complex"


class Certificate(StrEnum):
    """What a signature's certificate is to us."""

    OURS = "ours"
    EXPIRED = "expired"
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
    lost_at: datetime | None = None
    """When a certificate that is expired or revoked became so; aware."""


@dataclass(frozen=True, slots=True)
class Facts:
    """`signatures` holds the first MOST_SIGNATURES of `count`, in the order in which they were made."""

    problem: Problem | None = None
    count: int = 0
    signatures: tuple[SignatureFacts, ...] = ()

    def to_json(self) -> str:
        return json.dumps(asdict(self), default=datetime.isoformat)

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
                lost_at=datetime.fromisoformat(one["lost_at"]) if one["lost_at"] else None,
            )
            for one in read["signatures"]
        )
        return cls(Problem(read["problem"]) if read["problem"] else None, int(read["count"]), signatures)


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
        status = judge(signature, trusted, at=at or min(signature.self_reported_timestamp or now, now))
        certificate, lost_at = _certificate(signature, status, trusted)
        return SignatureFacts(
            certificate, status.intact and status.valid, _is_whole(status), status.bottom_line, lost_at
        )
    except (MemoryError, RecursionError):
        raise
    except Exception:  # as above
        return SignatureFacts(Certificate.NOT_OURS, intact=False, whole=False, sound=False)


def _is_whole(status: PdfSignatureStatus) -> bool:
    if status.coverage == SignatureCoverageLevel.ENTIRE_FILE:
        return True
    return status.coverage == SignatureCoverageLevel.ENTIRE_REVISION and bool(status.docmdp_ok)


def _certificate(
    signature: EmbeddedPdfSignature, status: PdfSignatureStatus, trusted: Trust
) -> tuple[Certificate, datetime | None]:
    details = status.revocation_details
    if status.validation_path and status.trust_problem_indic is None:
        return Certificate.OURS, None
    if status.trust_problem_indic in REVOKED:
        return Certificate.REVOKED, details.revocation_date if details else None
    if status.trust_problem_indic in OUT_OF_TIME:
        return Certificate.EXPIRED, signature.signer_cert.not_valid_after
    if not status.valid and _issued_under(trusted, signature.signer_cert):
        return Certificate.OURS, None  # pyHanko asks about trust only where the signature's own value holds
    return Certificate.NOT_OURS, None


def _issued_under(trusted: Trust, certificate: x509.Certificate) -> bool:
    read = pyca.load_der_x509_certificate(certificate.dump())
    for issuer in (*trusted.roots, *trusted.intermediates):
        try:
            read.verify_directly_issued_by(pyca.load_der_x509_certificate(issuer.dump()))
        except (ValueError, TypeError, InvalidSignature):
            continue
        return True
    return False
