"""Pack a bundle as a ZIP file. Output is reproducible: the same contract state gives the same bytes."""

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
from contracts.sealing import refuse_if_seal_unavailable
from contracts.sealing.certificates import signature_of

SEALED = (FILES[Kind.OFFICIAL], FILES[Kind.VOID_CERTIFICATE])
CHECKSUMS = "SHA256SUMS"
ZIP_UNIX = 3
"""ZIP's code for Unix as the system whose file modes the entries have."""


def bundle_response(
    request: HttpRequest, contract: Contract, *, user_id: int | None, voided_too: bool = False
) -> HttpResponse:
    """Return the bundle as an HTTP download.

    Downloads are recorded in the security log; a 304 is not. Raises Refused like bundle() and file_response().
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
    """Return the evidence bundle of the contract's current state (R21), a few hundred kilobytes.

    `voided_too` is for staff. Raises Refused: `contract_voided` (R18), `storage_unavailable`, `seal_unavailable` if the
    trusted roots cannot be read.
    """
    evidence = gather(contract, voided_too=voided_too)
    content = {name: documents.read(document) for name, document in evidence.documents.items()}
    message = _("The evidence cannot be prepared right now. Try again shortly. If it persists, contact our staff.")
    with refuse_if_seal_unavailable(message):
        signatures = {name: signature_of(content[name]) for name in SEALED if name in content}
        certificates = certificate_files(signatures.values())
    content |= {
        "contract.json": files.contract_json(evidence),
        "orders.json": files.orders_json(evidence),
        "audit-trail.json": files.trail_json(evidence),
        **{name: pem for pem, name in certificates.items()},
    }
    content["README.txt"] = readme(evidence, signatures, certificates, others=content)
    content[CHECKSUMS] = _checksums(content)
    return _packed(content, folder=f"{contract.number}-evidence", at=evidence.as_of)


def _checksums(content: dict[str, bytes]) -> bytes:
    """Return checksums in the format of sha256sum."""
    return "".join(f"{hashlib.sha256(content[name]).hexdigest()}  {name}\n" for name in sorted(content)).encode()


def _packed(content: dict[str, bytes], *, folder: str, at: datetime) -> bytes:
    """Build the ZIP without compression: PDFs are compressed already, and zlib's output depends on its version."""
    output = BytesIO()
    with ZipFile(output, "w", ZIP_STORED) as archive:
        for name in sorted(content):
            entry = ZipInfo(f"{folder}/{name}", at.astimezone(UTC).timetuple()[:6])
            entry.create_system, entry.external_attr = ZIP_UNIX, 0o100644 << 16
            archive.writestr(entry, content[name])
    return output.getvalue()
