"""Validate sealed files: exactly the draft with our valid seal, and at which level."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO

from django.utils.translation import gettext as _
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import (
    EmbeddedPdfSignature,
    PdfSignatureStatus,
    SignatureCoverageLevel,
    validate_pdf_signature,
)
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko_certvalidator import ValidationContext

from contracts.sealing import revocation
from contracts.sealing.key import SealUnavailable
from contracts.sealing.levels import SealLevel, may_seal_without_timestamp, wanted_level
from contracts.sealing.trust import NotOurKeyError, Roots, Trust, embedded, judge, trust

CLOCK_TOLERANCE = timedelta(minutes=5)
"""Allowed difference between the clocks of this machine, the issuers and the timestamp server."""


@dataclass(frozen=True, slots=True)
class SealRecord:
    """Registered sealing time (aware) and level of a document; level "" if it was not recorded."""

    at: datetime
    level: str


def validate_seal(
    sealed: bytes,
    *,
    draft: bytes | None,
    trusted: Trust | None = None,
    record: SealRecord | None = None,
    is_test: bool = False,
) -> SealLevel:
    """Require that a sealed file is exactly this draft with our valid seal; `draft` is None if it was not stored.

    The file must begin with the draft's bytes (R3). It must have exactly one signature, which covers the whole file,
    certifies it with no changes permitted, uses SHA-256, is valid under our keys and roots, and is not revoked. Its
    level must be that of SEAL_LEVEL, or B-B if the operator allows it while the timestamp server fails. Documents
    sealed earlier have a `record`: they are validated as of that time and against that level. They also need
    `trusted`, with all our keys (R37); without it only the configured key is ours. `is_test`: the seal is that of test
    accounts, which has a level of its own. Returns the level. Takes about 10 ms. Raises SealUnavailable naming what
    fails.
    """
    at = record.at if record else None
    if draft is not None and (len(sealed) <= len(draft) or not sealed.startswith(draft)):
        raise SealUnavailable(_("The sealed document failed validation: it does not begin with the draft."))
    trusted = trusted or trust()
    try:
        signatures = PdfFileReader(BytesIO(sealed)).embedded_signatures
        if len(signatures) != 1:
            raise SealUnavailable(
                _("The sealed document failed validation: it has %(count)d signatures instead of one.")
                % {"count": len(signatures)}
            )
        status = judge(signatures[0], trusted, at=at)
        _check_status(status, certifies=signatures[0].docmdp_level == MDPPerm.NO_CHANGES)
        level = level_of(signatures[0], status, trusted, at=at)
    except NotOurKeyError as error:
        raise _not_ours() from error
    except (PdfError, SignatureValidationError, ValueError) as error:
        raise SealUnavailable(
            _("The sealed document failed validation: it cannot be read (%(error)s).") % {"error": error}
        ) from error
    if record is None:
        _check_level(level, wanted_level(is_test=is_test))
    elif level != (record.level or level):
        raise SealUnavailable(
            _("The sealed document failed validation: its level is %(found)s, but %(level)s was recorded.")
            % {"found": level, "level": record.level}
        )
    return level


def level_of(
    signature: EmbeddedPdfSignature, status: PdfSignatureStatus, trusted: Trust, *, at: datetime | None = None
) -> SealLevel:
    """Return the level of a signature that judge() trusts as of `at` (aware; None is now), by the file's content.

    B-LT requires a CRL or OCSP response in the file (DSS), current at that time, for each certificate of seal and
    timestamp.
    """
    if status.timestamp_validity is None:
        return SealLevel.B_B
    crls, ocsps = embedded(signature)
    if not crls and not ocsps:
        return SealLevel.B_T

    def with_proof(roots: Roots) -> ValidationContext:
        return ValidationContext(
            trust_roots=list(roots),
            other_certs=list(trusted.intermediates),
            crls=crls,
            ocsps=ocsps,
            revocation_mode="require",
            moment=at,
            time_tolerance=CLOCK_TOLERANCE,
        )

    proven = validate_pdf_signature(
        signature, with_proof(trusted.roots), with_proof(trusted.timestamp_roots), skip_diff=True
    )
    stamp = proven.timestamp_validity
    return SealLevel.B_LT if proven.trusted and stamp is not None and stamp.trusted else SealLevel.B_T


def _check_status(status: PdfSignatureStatus, *, certifies: bool) -> None:
    if status.coverage != SignatureCoverageLevel.ENTIRE_FILE:
        raise SealUnavailable(_("The sealed document failed validation: its signature does not cover the whole file."))
    if not (status.intact and status.valid):
        raise SealUnavailable(_("The sealed document failed validation: its signature does not match its content."))
    if status.revocation_details:
        raise SealUnavailable(
            _(
                "The sealed document failed validation: its certificate was revoked on %(day)s. "
                "Set SEAL_P12 to a new seal."
            )
            % {"day": f"{status.revocation_details.revocation_date:%Y-%m-%d}"}
        )
    if not status.trusted:
        raise _not_ours()
    if not status.bottom_line:
        raise SealUnavailable(
            _(
                "The sealed document failed validation: "
                "its timestamp is not trusted: add the timestamp server's root to SEAL_TSA_ROOTS."
            )
        )
    if not certifies or status.md_algorithm != "sha256":
        raise SealUnavailable(
            _("The sealed document failed validation: its signature is of a different kind than our seal's.")
        )


def _not_ours() -> SealUnavailable:
    return SealUnavailable(
        _(
            "The sealed document failed validation: "
            "its key is not one of our seal's, or its certificate was not issued under our seal's root or does not "
            "allow sealing."
        )
    )


def _check_level(level: SealLevel, wanted: SealLevel) -> None:
    if level.rank >= wanted.rank or (level == SealLevel.B_B and may_seal_without_timestamp()):
        return
    if level == SealLevel.B_B:
        raise SealUnavailable(_("The sealed document failed validation: it has no timestamp."))
    revocation.clear_cache()
    raise SealUnavailable(
        _("The sealed document failed validation: it lacks revocation data. Try again, or set SEAL_LEVEL=B-T.")
    )
