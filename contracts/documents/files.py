"""Store and read a contract's files, and answer with them."""

import hashlib
import logging
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from common.errors import Refused
from contracts.documents.downloads import file_response
from contracts.documents.page_images import page_count
from contracts.models import Contract, ContractDocument
from contracts.sealing.levels import SealLevel

SUFFIXES = {
    ContractDocument.Kind.DRAFT: "-draft",
    ContractDocument.Kind.OFFICIAL: "",
    ContractDocument.Kind.VOID_CERTIFICATE: "-void-certificate",
}
"""Suffixes of download file names."""
RECORDED_FACTS = ("sha256", "size", "pages", "level")

log = logging.getLogger(__name__)


def path_of(sha256: str) -> str:
    """Return the storage path of a document: its SHA-256, in 256 folders."""
    return f"documents/{sha256[:2]}/{sha256}.pdf"


def store(
    contract: Contract, kind: ContractDocument.Kind, content: bytes, *, at: datetime, level: SealLevel | None = None
) -> ContractDocument:
    """Store `content` and register it in the caller's transaction; sealed documents with their seal's level.

    The file is stored first, so a rolled-back transaction may leave a file without a row, but never a row without a
    file. Raises Refused `storage_unavailable`; nothing is registered then.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    path = path_of(sha256)
    try:
        default_storage.save(path, ContentFile(content))
    except Exception as error:  # the backends (file system, S3) share no base class for their failures
        log.exception("storage cannot be written: %s", path)
        raise Refused(
            "storage_unavailable", _("The document could not be stored. Nothing was changed. Try again shortly.")
        ) from error
    return ContractDocument.objects.create(
        contract=contract,
        kind=kind,
        sha256=sha256,
        size=len(content),
        pages=page_count(content),
        created_at=at,
        level=level or "",
    )


def facts_of(document: ContractDocument) -> dict[str, Any]:
    """Return what the audit trail records of a registered document, besides the time and the actor (R27)."""
    return {name: getattr(document, name) for name in RECORDED_FACTS}


def read(document: ContractDocument) -> bytes:
    """Return the stored bytes, checked against the registered SHA-256.

    Raises Refused `storage_unavailable` if they are missing or do not match.
    """
    path = path_of(document.sha256)
    try:
        with default_storage.open(path) as file:
            content = file.read()
    except Exception as error:  # as in store()
        log.exception("storage cannot be read: %s", path)
        raise Refused(
            "storage_unavailable", _("The document cannot be read from the storage right now. Try again shortly.")
        ) from error
    if hashlib.sha256(content).hexdigest() != document.sha256:
        log.error("stored document %s is not what was registered", path)
        raise Refused(
            "storage_unavailable",
            _("The stored document does not match its registered checksum. Please contact our staff."),
        )
    return content


def of_kind(contract: Contract, kind: ContractDocument.Kind) -> ContractDocument:
    """Return the contract's document of this kind. Raises ContractDocument.DoesNotExist."""
    return contract.documents.get(kind=kind)


def require_not_voided(contract: Contract) -> None:
    """Raise Refused `contract_voided` for a voided contract (R18)."""
    if contract.status == Contract.Status.VOIDED:
        raise Refused(
            "contract_voided",
            _("Contract %(number)s was voided. Its documents are no longer available.") % {"number": contract.number},
        )


def current(contract: Contract) -> ContractDocument:
    """Return the document to preview and download: the official one, otherwise the draft (R18).

    Raises Refused `contract_voided` for a voided contract.
    """
    require_not_voided(contract)
    documents = {document.kind: document for document in contract.get_documents()}
    return documents.get(ContractDocument.Kind.OFFICIAL) or documents[ContractDocument.Kind.DRAFT]


def certificate(contract: Contract) -> ContractDocument | None:
    """Return the void certificate, or None. Drafts are voided without one."""
    kind = ContractDocument.Kind.VOID_CERTIFICATE
    return next((document for document in contract.get_documents() if document.kind == kind), None)


def certificate_response(request: HttpRequest, contract: Contract, *, download: bool = False) -> HttpResponse:
    """Return the contract's void certificate as an HTTP response (R5).

    Raises Http404 if there is none, and Refused like `document_response`.
    """
    document = certificate(contract)
    if document is None:
        raise Http404
    return document_response(request, document, contract, download=download)


def current_response(request: HttpRequest, contract: Contract, *, download: bool = False) -> HttpResponse:
    """Return the contract's current PDF as an HTTP response (R18).

    Raises Refused `contract_voided`, and like `document_response`.
    """
    return document_response(request, current(contract), contract, download=download)


def document_response(
    request: HttpRequest, document: ContractDocument, contract: Contract, *, download: bool = False
) -> HttpResponse:
    """Return a file of the contract as a response. Raises Refused `storage_unavailable`, and like file_response."""
    name = f"{contract.number}{SUFFIXES[ContractDocument.Kind(document.kind)]}.pdf"
    return file_response(
        request,
        sha256=document.sha256,
        read=lambda: read(document),
        content_type="application/pdf",
        disposition=f'{"attachment" if download else "inline"}; filename="{name}"',
    )
