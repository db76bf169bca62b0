"""The bundle as one ZIP file. The same state of a contract gives the same bytes, on every machine."""

import hashlib
from datetime import UTC, datetime
from io import BytesIO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.models import SecurityEvent
from accounts.sign_in.security_log import record_security_event
from contracts.documents import files as documents
from contracts.documents.downloads import file_response
from contracts.evidence import files
from contracts.evidence.certificates import certificate_files
from contracts.evidence.gathering import FILES, Kind, gather
from contracts.evidence.readme import readme
from contracts.models import Contract
from contracts.sealing import told_in_the_log
from contracts.sealing.certificates import signature_of

SEALED = (FILES[Kind.OFFICIAL], FILES[Kind.VOID_CERTIFICATE])
SUMS = "SHA256SUMS"
UNIX = 3
"""Of ZIP's systems: the one whose file modes the entries have."""


def answer(request: HttpRequest, contract: Contract, *, user_id: int | None, voided_too: bool = False) -> HttpResponse:
    """The bundle as an HTTP response to be saved. Whole, or not begun.

    A download is recorded in the security log; a 304 sends nothing and is not. Raises Refused as bundle() and
    file_response() do.
    """
    content = bundle(contract, voided_too=voided_too)

    def read() -> bytes:
        record_security_event(kind=SecurityEvent.Kind.EXPORTED, user_id=user_id, detail=f"evidence {contract.number}")
        return content

    return file_response(
        request,
        sha256=hashlib.sha256(content).hexdigest(),
        read=read,
        content_type="application/zip",
        disposition=f'attachment; filename="{contract.number}-evidence.zip"',
    )


def bundle(contract: Contract, *, voided_too: bool = False) -> bytes:
    """The evidence bundle of `contract` as it is now (R21), a few hundred kilobytes.

    `voided_too` is for staff, who see voided contracts. Raises Refused: `contract_voided` (R18),
    `storage_unavailable`, `seal_unavailable` where the roots that seals are trusted by cannot be read.
    """
    known = gather(contract, voided_too=voided_too)
    content = {name: documents.read(document) for name, document in known.documents.items()}
    said = _("The evidence cannot be put together at the moment. Try again shortly; if it stays so, tell our staff.")
    with told_in_the_log(said):
        signatures = {name: signature_of(content[name]) for name in SEALED if name in content}
        certificates = certificate_files(signatures.values())
    content |= {
        "contract.json": files.contract_json(known),
        "orders.json": files.orders_json(known),
        "audit-trail.json": files.trail_json(known),
        **{name: pem for pem, name in certificates.items()},
    }
    content["README.txt"] = readme(known, signatures, certificates, others=content)
    content[SUMS] = _sums(content)
    return _packed(content, folder=f"{contract.number}-evidence", at=known.as_of)


def _sums(content: dict[str, bytes]) -> bytes:
    """As sha256sum writes and reads them."""
    return "".join(f"{hashlib.sha256(content[name]).hexdigest()}  {name}\n" for name in sorted(content)).encode()


def _packed(content: dict[str, bytes], *, folder: str, at: datetime) -> bytes:
    """Not compressed: most of it is in the PDFs, which are, and what zlib makes of the rest depends on its version."""
    output = BytesIO()
    with ZipFile(output, "w", ZIP_STORED) as archive:
        for name in sorted(content):
            entry = ZipInfo(f"{folder}/{name}", at.astimezone(UTC).timetuple()[:6])
            entry.create_system, entry.external_attr = UNIX, 0o100644 << 16
            archive.writestr(entry, content[name])
    return output.getvalue()
