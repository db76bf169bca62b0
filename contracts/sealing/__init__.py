"""Seal documents: bytes in, sealed bytes out. Only this package uses the seal's key.

A seal is the visible seal and its digital signature, written as one incremental update after the draft's own bytes, so
the official file begins with the draft file byte for byte (R3). The signature is a PAdES certification signature (ETSI
EN 319 142-1) that permits no changes, at the level that SEAL_LEVEL requires.
"""

import logging
from dataclasses import dataclass
from io import BytesIO

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from prometheus_client import Histogram
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko.sign.timestamps import TimestampRequestError
from pyhanko.sign.validation.dss import DocumentSecurityStore

from common.metrics import REGISTRY
from common.tracing import traced
from contracts.sealing.art import UnprintableSealError, time_art
from contracts.sealing.key import TEST_MARK, LoadedSeal, SealUnavailable, usable_seal
from contracts.sealing.levels import SealLevel, may_seal_without_timestamp, wanted_level
from contracts.sealing.of_test_accounts import usable_seal_of_test_accounts
from contracts.sealing.pages import (
    NoSealPlaceError,
    SealStyle,
    add_seal_art,
    add_seal_field,
    add_straddle_seal,
    clear_draft_marks,
)
from contracts.sealing.revocation import RevocationData, revocation_data
from contracts.sealing.signer import SealServerFailed, refuse_if_seal_unavailable
from contracts.sealing.structure import Structure
from contracts.sealing.timestamps import require_reachable, timestamper
from contracts.sealing.trust import trust
from contracts.sealing.uses import note_output
from contracts.sealing.validating import SealRecord, validate_seal

__all__ = [
    "FIELD_NAME",
    "SealRecord",
    "SealServerFailed",
    "SealUnavailable",
    "check_seal",
    "refuse_if_seal_unavailable",
    "require_timestamp_server",
    "seal",
    "validate_seal",
]

log = logging.getLogger(__name__)
FIELD_NAME = "ContractSeal"
_SIGNATURE_BYTES = 1280
_TIMESTAMP_BYTES = 14_000
"""Bytes reserved in the file. Attributes and signature take under 1,000, public servers' timestamps up to 9,000."""
SEAL_SECONDS = Histogram(
    "ecc_seal_seconds",
    "Time that setting a seal takes, with the timestamp server's.",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=REGISTRY,
)


@traced
@SEAL_SECONDS.time()
def seal(draft: bytes, *, number: str, issuer_name: str, what: str = "Contract", is_test: bool = False) -> bytes:
    """Seal a draft and return the official file, which begins with the draft's bytes. `what` names it in the signature.

    `is_test`: seal with the key of test accounts (R48).

    The visible seal covers the draft's seal-place annotation; documents of several pages also get the straddle seal.
    Callers must check the result with validate_seal, which returns its level. Takes about 10 ms of CPU at B-B; at
    higher levels also up to TSA_TIMEOUT seconds of waiting, and sometimes TOTAL_TIMEOUT more for revocation data: hold
    no locks. If the timestamp server fails, raise SealUnavailable, or seal at B-B if SEAL_TSA_FAILURE says so.
    """
    loaded = usable_seal_of_test_accounts() if is_test else usable_seal()
    text = _Text(number, issuer_name, what)
    try:
        return _sealed(draft, loaded, text, wanted_level(is_test=is_test))
    except TimestampRequestError as error:
        if not may_seal_without_timestamp():
            raise SealServerFailed(
                _(
                    "The timestamp server %(url)s failed: %(error)s. Try again shortly, or ask the operator to check "
                    "SEAL_TSA_URL."
                )
                % {"url": settings.SEAL_TSA_URL, "error": error}
            ) from error
        log.warning("sealing %s without a timestamp: %s failed: %s", number, settings.SEAL_TSA_URL, error)
        return _sealed(draft, loaded, text, SealLevel.B_B)


def check_seal() -> LoadedSeal:
    """Return the seal that would be used now, for readiness checks and start-up messages. Cheap once loaded.

    Raises SealUnavailable like seal() for its key and certificate. Does not contact the timestamp server.
    """
    loaded = usable_seal()
    loaded.signer.key.ready()
    return loaded


def require_timestamp_server() -> None:
    """Raise OSError if a timestamp is required and the timestamp server refuses connections.

    No timestamp is requested, since some servers charge for each.
    """
    if wanted_level().has_timestamp and not may_seal_without_timestamp():
        require_reachable(settings.SEAL_TSA_URL)


@dataclass(frozen=True, slots=True)
class _Text:
    """Text of a seal about its document."""

    number: str
    issuer_name: str
    what: str


def _sealed(draft: bytes, loaded: LoadedSeal, text: _Text, level: SealLevel) -> bytes:
    output = BytesIO(draft)
    try:
        _append_seal(output, loaded, text, level)
    except NoSealPlaceError:
        raise SealUnavailable(
            _("The document has no place for the seal, so it is not a draft. Create a new draft.")
        ) from None
    except UnprintableSealError as error:
        raise SealUnavailable(
            _("The seal cannot print these characters: %(characters)s. Correct the issuer's name or set FALLBACK_FONT.")
            % {"characters": error}
        ) from error
    except (PdfError, SigningError) as error:
        raise SealUnavailable(
            _("The draft could not be sealed: %(error)s Create a new draft, or ask the operator.") % {"error": error}
        ) from error
    sealed = output.getvalue()
    note_output(sealed, level)
    return sealed


def _append_seal(output: BytesIO, loaded: LoadedSeal, text: _Text, level: SealLevel) -> None:
    """Append the seal to the draft in `output`, as one incremental update."""
    writer = IncrementalPdfFileWriter(output)
    structure = Structure(writer)
    pages, place = clear_draft_marks(writer, structure)
    note = TEST_MARK if loaded.is_test else ""
    time = time_art(timezone.localtime(timezone=timezone.get_default_timezone()), level)
    art = add_seal_art(writer, issuer_name=text.issuer_name, number=text.number, note=note, time=time)
    add_straddle_seal(writer, pages, art, structure)
    stamper = timestamper(settings.SEAL_TSA_URL) if level.has_timestamp else None
    if level == SealLevel.B_LT:
        _add_revocation_data(writer, revocation_data(loaded, trust(), settings.SEAL_TSA_URL))
    label = f"Contract seal of {text.issuer_name} on {text.what.lower()} {text.number}"
    field = SigFieldSpec(
        FIELD_NAME,
        on_page=place.page,
        box=place.box,  # type: ignore[arg-type]  # pyHanko declares int, but writes fractions too
        readable_field_name=label,
    )
    add_seal_field(writer, field, place, structure, issuer_name=text.issuer_name)
    structure.save()
    signer = _ArchivalSigner(_signature_of(text), loaded.signer, timestamper=stamper, stamp_style=SealStyle(art=art))
    signer.sign_pdf(writer, bytes_reserved=_reserved_digits(loaded, timestamped=stamper is not None), in_place=True)


class _ArchivalSigner(PdfSigner):
    def register_extensions(self, pdf_out: BasePdfFileWriter, *, md_algorithm: str) -> None:
        """Declare PAdES (ETSI EN 319 142-1) on PDF 1.7.

        pyHanko also declares ISO/TS 32002 for ECDSA, and with it PDF 2.0, which PDF/A-3 excludes.
        """
        pdf_out.register_extension(ESIC_EXTENSION_1)


def _add_revocation_data(writer: IncrementalPdfFileWriter, data: RevocationData) -> None:
    """Write the data into the revision that is signed next, so that the signature covers the whole file."""
    DocumentSecurityStore.supply_dss_in_writer(writer, None, paths=data.paths, crls=data.crls, ocsps=data.ocsps)


def _signature_of(text: _Text) -> PdfSignatureMetadata:
    return PdfSignatureMetadata(
        field_name=FIELD_NAME,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        reason=f"{text.what} {text.number}, sealed by {text.issuer_name}",
        location=settings.SITE_URL,
    )


def _reserved_digits(loaded: LoadedSeal, *, timestamped: bool) -> int:
    """Return the hexadecimal digits to reserve for the signature. A fixed number saves pyHanko a dry run."""
    certificates = sum(len(certificate.dump()) for certificate in loaded.chain)
    return 2 * (certificates + _SIGNATURE_BYTES + (_TIMESTAMP_BYTES if timestamped else 0))
