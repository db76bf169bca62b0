"""Pack a bundle as a ZIP file. Output is reproducible: the same contract state gives the same bytes."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access.actors import COMMAND, Actor
from accounts.access.security_log import record_security_event
from accounts.models import SecurityEvent
from contracts.documents import files as documents
from contracts.documents.downloads import file_response
from contracts.evidence import files
from contracts.evidence.bundle_steps import CHECKSUMS, SIGNATURE
from contracts.evidence.gathering import FILES, Kind, gather
from contracts.evidence.proofs import dated_files
from contracts.evidence.readme import readme
from contracts.evidence.seals import report_of, seals_of
from contracts.evidence.signing import signature_of_checksums
from contracts.models import Contract, ContractDocument
from contracts.seal_keys import our_trust, trust_for
from contracts.sealing import refuse_if_seal_unavailable
from contracts.sealing.levels import SealLevel
from contracts.sealing.trust import Trust
from contracts.sealing.validation_report import validation_report

SEALED = (FILES[Kind.OFFICIAL], FILES[Kind.VOID_CERTIFICATE])
ZIP_UNIX = 3
"""ZIP's code for Unix as the system whose file modes the entries have."""


def bundle_response(request: HttpRequest, contract: Contract, *, by: Actor, voided_too: bool = False) -> HttpResponse:
    """Return the bundle as an HTTP download.

    Downloads are recorded in the security log, responses with status 304 are not. Raises Refused like bundle() and
    file_response().
    """
    content = bundle(contract, by=by, voided_too=voided_too)

    def read() -> bytes:
        detail = f"evidence {contract.number}"
        record_security_event(kind=SecurityEvent.Kind.EXPORTED, user_id=by.user_id, detail=detail)
        return content

    return file_response(
        request,
        sha256=hashlib.sha256(content).hexdigest(),
        read=read,
        content_type="application/zip",
        disposition=f'attachment; filename="{contract.number}-evidence.zip"',
    )


def bundle(contract: Contract, *, by: Actor = COMMAND, voided_too: bool = False) -> bytes:
    """Return the evidence bundle of the contract's current state (R21), a few hundred kilobytes.

    `voided_too` is for staff. Raises Refused: `contract_voided` (R18), `storage_unavailable`, `seal_unavailable` if the
    trusted roots cannot be read or a new bundle cannot be signed.
    """
    evidence = gather(contract, voided_too=voided_too)
    content = {name: documents.read(document) for name, document in evidence.documents.items()}
    sealed = {name: content[name] for name in SEALED if name in content}
    message = _("The evidence cannot be prepared right now. Try again shortly. If it persists, contact our staff.")
    with refuse_if_seal_unavailable(message):
        trusted = _trust(is_test=contract.is_test)
        dated = dated_files(evidence, sealed)
        seals = seals_of(sealed, [stamp for file in dated for stamp in file.stamps], trusted, is_test=contract.is_test)
        reports = {report_of(name): _report(evidence.documents[name], content[name], trusted) for name in seals.files}
        content |= {
            "contract.json": files.contract_json(evidence),
            "status.json": files.status_json(evidence),
            "orders.json": files.orders_json(evidence),
            "audit-trail.json": files.trail_json(evidence),
            **{name: pem for pem, name in seals.names.items()},
            **reports,
            **{name: one for file in dated for name, one in file.contents().items()},
        }
        content["README.txt"] = readme(evidence, seals, dated, others=content)
        content[CHECKSUMS] = _checksums(content)
        content[SIGNATURE] = signature_of_checksums(
            content[CHECKSUMS], contract=contract, by=by, trusted=trusted, now=timezone.now()
        )
    return _packed(content, folder=f"{contract.number}-evidence", at=evidence.as_of)


def _trust(*, is_test: bool) -> Trust:
    """Return trust in the contract's seals. The timestamps of daily lists are the same for all contracts."""
    ours = our_trust()
    return replace(trust_for(is_test=True), timestamp_roots=ours.timestamp_roots) if is_test else ours


def _report(document: ContractDocument, content: bytes, trusted: Trust) -> bytes:
    level = SealLevel(document.level or SealLevel.B_B)  # not recorded: judge it as the lowest
    return validation_report(content, trusted=trusted, at=document.created_at, level=level)


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
