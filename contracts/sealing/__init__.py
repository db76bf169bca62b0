"""Bytes in, sealed bytes out: the only code that touches the seal's key.

A seal is one act: the visible seal and the digital signature under it, written as one incremental update behind the
draft's own bytes. So the official file begins with the draft file byte for byte (R3). The signature is a PAdES
certification signature (ETSI EN 319 142-1) that allows no changes: level B-B, or B-T where a timestamp server is set.
"""

from functools import lru_cache
from io import BytesIO
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.timestamps import HTTPTimeStamper, TimeStamper, TimestampRequestError
from pyhanko.sign.validation import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko.sign.validation.errors import SignatureValidationError

from contracts.sealing.art import UnprintableSealError
from contracts.sealing.key import TEST_MARK, LoadedSeal, SealUnavailable, usable_seal
from contracts.sealing.pages import NoSealPlaceError, SealStyle, add_seal_art, add_straddle_seal, clear_draft_marks
from contracts.sealing.trust import judge, trust

__all__ = ["FIELD_NAME", "SealUnavailable", "check_seal", "seal", "timestamper", "validate_seal"]

FIELD_NAME = "ContractSeal"
TSA_TIMEOUT = 10
"""Seconds."""
_ROOM_FOR_SIGNATURE = 2048
_ROOM_FOR_TIMESTAMP = 14_000
"""Bytes kept free in the file: attributes and signature take under 1,000, public servers' timestamps up to 9,000."""


def seal(draft: bytes, *, number: str, issuer_name: str, what: str = "Contract") -> bytes:
    """Seal a draft and return the official file, which begins with the draft's bytes. `what` it is, the signature says.

    The visible seal covers the draft's seal-place annotation; documents of several pages get the straddle seal too.
    The caller validates the result with validate_seal before it relies on it. Takes about 10 ms of CPU, and up to
    TSA_TIMEOUT seconds of waiting where SEAL_TSA_URL is set: hold no lock meanwhile. Raises SealUnavailable.
    """
    loaded = usable_seal()
    output = BytesIO(draft)
    try:
        _append_seal(output, loaded, number=number, issuer_name=issuer_name, what=what)
    except NoSealPlaceError:
        raise SealUnavailable(
            _("The document has no place for the seal, so it is no draft. Make a new draft.")
        ) from None
    except UnprintableSealError as error:
        raise SealUnavailable(
            _("The seal cannot print these characters: %(characters)s. Correct the issuer's name or set FALLBACK_FONT.")
            % {"characters": error}
        ) from error
    except TimestampRequestError as error:
        raise SealUnavailable(
            _("The timestamp server %(url)s failed: %(error)s. Try again shortly, or check SEAL_TSA_URL.")
            % {"url": settings.SEAL_TSA_URL, "error": error}
        ) from error
    except (PdfError, SigningError) as error:
        raise SealUnavailable(
            _("The draft could not be sealed: %(error)s Make a new draft, or ask the operator.") % {"error": error}
        ) from error
    return output.getvalue()


def validate_seal(sealed: bytes, *, draft: bytes | None) -> None:
    """Refuse a sealed file that is not exactly this draft with our valid seal on it; None where no draft was kept.

    All of these must hold: the file begins with the draft's bytes (R3); it has one signature, which covers the whole
    file, certifies it with no changes allowed, uses SHA-256 and is valid against the roots of our seals (trust.py), and
    not revoked; a timestamp is there and trusted where SEAL_TSA_URL asks for one. About 10 ms.
    Raises SealUnavailable, naming what does not hold.
    """
    if draft is not None and (len(sealed) <= len(draft) or not sealed.startswith(draft)):
        raise SealUnavailable(_("The sealed document did not pass validation: it does not begin with the draft."))
    trusted = trust()
    try:
        signatures = PdfFileReader(BytesIO(sealed)).embedded_signatures
        if len(signatures) != 1:
            raise SealUnavailable(
                _("The sealed document did not pass validation: it has %(count)d signatures, not one.")
                % {"count": len(signatures)}
            )
        status = judge(signatures[0], trusted)
    except (PdfError, SignatureValidationError, ValueError) as error:
        raise SealUnavailable(
            _("The sealed document did not pass validation: it cannot be read (%(error)s).") % {"error": error}
        ) from error
    _check_status(status, certifies=signatures[0].docmdp_level == MDPPerm.NO_CHANGES)


def check_seal() -> LoadedSeal:
    """The seal that would be used now: for readiness checks and start-up messages. Cheap once loaded.

    Raises SealUnavailable as seal() would for its key and certificate; no timestamp server is asked.
    """
    return usable_seal()


@lru_cache(maxsize=4)
def timestamper(url: str) -> TimeStamper:
    """The client of a timestamp server (RFC 3161), one per process and address."""
    return _CarefulTimeStamper(url, timeout=TSA_TIMEOUT)


class _CarefulTimeStamper(HTTPTimeStamper):
    """Says TimestampRequestError also for an answer that is no timestamp, where parsing would raise anything."""

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> Any:
        try:
            return await super().async_timestamp(message_digest, md_algorithm)
        except TimestampRequestError:
            raise
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise TimestampRequestError("its answer is no timestamp for this request") from error


def _append_seal(output: BytesIO, loaded: LoadedSeal, *, number: str, issuer_name: str, what: str) -> None:
    """Write the one incremental update behind the draft in `output`."""
    writer = IncrementalPdfFileWriter(output)
    pages, index, box = clear_draft_marks(writer)
    note = TEST_MARK if loaded.is_test else ""
    art = add_seal_art(writer, issuer_name=issuer_name, number=number, note=note)
    add_straddle_seal(writer, pages, art)
    label = f"Contract seal of {issuer_name} on {what.lower()} {number}"
    field = SigFieldSpec(
        FIELD_NAME,
        on_page=index,
        box=box,  # type: ignore[arg-type]  # pyHanko says int, and writes fractions too
        readable_field_name=label,
    )
    stamper = timestamper(settings.SEAL_TSA_URL) if settings.SEAL_TSA_URL else None
    signer = PdfSigner(
        _signature_of(number, issuer_name, what),
        loaded.signer,
        timestamper=stamper,
        stamp_style=SealStyle(art=art),
        new_field_spec=field,
    )
    signer.sign_pdf(writer, bytes_reserved=_room(loaded, timestamped=stamper is not None), in_place=True)


def _signature_of(number: str, issuer_name: str, what: str) -> PdfSignatureMetadata:
    return PdfSignatureMetadata(
        field_name=FIELD_NAME,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        reason=f"{what} {number}, sealed by {issuer_name}",
        location=settings.SITE_URL,
    )


def _room(loaded: LoadedSeal, *, timestamped: bool) -> int:
    """Hexadecimal digits to reserve for the signature: a given number saves pyHanko a whole dry run."""
    certificates = sum(len(certificate.dump()) for certificate in loaded.chain)
    return 2 * (certificates + _ROOM_FOR_SIGNATURE + (_ROOM_FOR_TIMESTAMP if timestamped else 0))


def _check_status(status: PdfSignatureStatus, *, certifies: bool) -> None:
    if status.coverage != SignatureCoverageLevel.ENTIRE_FILE:
        raise SealUnavailable(
            _("The sealed document did not pass validation: its signature does not cover the whole file.")
        )
    if not (status.intact and status.valid):
        raise SealUnavailable(
            _("The sealed document did not pass validation: its signature does not match its content.")
        )
    if status.revocation_details:
        raise SealUnavailable(
            _(
                "The sealed document did not pass validation: its certificate was revoked on %(day)s. "
                "Set SEAL_P12 to a new seal."
            )
            % {"day": f"{status.revocation_details.revocation_date:%Y-%m-%d}"}
        )
    if not status.trusted:
        raise SealUnavailable(
            _(
                "The sealed document did not pass validation: "
                "its certificate was not issued under our seal's root, or does not allow sealing."
            )
        )
    if settings.SEAL_TSA_URL and status.timestamp_validity is None:
        raise SealUnavailable(_("The sealed document did not pass validation: it has no timestamp."))
    if not status.bottom_line:
        raise SealUnavailable(
            _(
                "The sealed document did not pass validation: "
                "its timestamp is not trusted: add the timestamp server's root to the SEAL_P12 file."
            )
        )
    if not certifies or status.md_algorithm != "sha256":
        raise SealUnavailable(
            _("The sealed document did not pass validation: its signature is not of the kind that our seal makes.")
        )
