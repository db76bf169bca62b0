"""Where a contract's bytes are kept, and who may have them."""

import hashlib
import logging
from datetime import datetime

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
"""Of the names under which files are saved."""

log = logging.getLogger(__name__)


def path_of(sha256: str) -> str:
    """The name of a document in the storage: its own hash, in 256 folders."""
    return f"documents/{sha256[:2]}/{sha256}.pdf"


def store(
    contract: Contract, kind: ContractDocument.Kind, content: bytes, *, at: datetime, level: SealLevel | None = None
) -> ContractDocument:
    """Keep `content` and register it, in the caller's transaction; sealed documents with the level of their seal.

    The file comes first: a lost transaction may leave a file without its row, never a row without its file.
    Raises Refused `storage_unavailable`, having registered nothing.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    path = path_of(sha256)
    try:
        default_storage.save(path, ContentFile(content))
    except Exception as error:  # the backends (file system, S3) share no base class for their failures
        log.exception("storage cannot be written: %s", path)
        raise Refused(
            "storage_unavailable", _("The document could not be stored. Nothing was changed; try again shortly.")
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


def read(document: ContractDocument) -> bytes:
    """The stored bytes, checked against the registered SHA-256.

    Raises Refused `storage_unavailable` if they are missing or not what was registered.
    """
    path = path_of(document.sha256)
    try:
        with default_storage.open(path) as file:
            content = file.read()
    except Exception as error:  # as in store()
        log.exception("storage cannot be read: %s", path)
        raise Refused(
            "storage_unavailable", _("The document cannot be read from the storage at the moment.")
        ) from error
    if hashlib.sha256(content).hexdigest() != document.sha256:
        log.error("stored document %s is not what was registered", path)
        raise Refused(
            "storage_unavailable",
            _("The stored document is not the one that was registered. Please tell the operator."),
        )
    return content


def of_kind(contract: Contract, kind: ContractDocument.Kind) -> ContractDocument:
    """The contract's draft or official document. Raises ContractDocument.DoesNotExist."""
    return contract.documents.get(kind=kind)


def current(contract: Contract) -> ContractDocument:
    """The document to preview and download: the official one, else the draft (R18).

    Raises Refused `contract_voided` for a voided contract.
    """
    if contract.status == Contract.Status.VOIDED:
        raise Refused(
            "contract_voided",
            _("Contract %(number)s was voided; it has no document any more.") % {"number": contract.number},
        )
    documents = {document.kind: document for document in contract.documents.all()}
    return documents.get(ContractDocument.Kind.OFFICIAL) or documents[ContractDocument.Kind.DRAFT]


def certificate(contract: Contract) -> ContractDocument | None:
    """The certificate of a contract that was voided by ticket; drafts are voided without one."""
    kind = ContractDocument.Kind.VOID_CERTIFICATE
    return next((document for document in contract.documents.all() if document.kind == kind), None)


def certificate_response(request: HttpRequest, contract: Contract, *, download: bool = False) -> HttpResponse:
    """The contract's void certificate as an HTTP response, to be shown or saved (R5).

    Raises Http404 where there is none, and Refused as `answer` does.
    """
    found = certificate(contract)
    if found is None:
        raise Http404
    return answer(request, found, contract, download=download)


def response(request: HttpRequest, contract: Contract, *, download: bool = False) -> HttpResponse:
    """The contract's PDF as an HTTP response, to be shown or saved (R18).

    Raises Refused `contract_voided`, and as `answer` does.
    """
    return answer(request, current(contract), contract, download=download)


def answer(
    request: HttpRequest, document: ContractDocument, contract: Contract, *, download: bool = False
) -> HttpResponse:
    """One of the contract's files as an HTTP response. Raises Refused `storage_unavailable`, and as `file_response`."""
    name = f"{contract.number}{SUFFIXES[ContractDocument.Kind(document.kind)]}.pdf"
    return file_response(
        request,
        sha256=document.sha256,
        read=lambda: read(document),
        content_type="application/pdf",
        disposition=f'{"attachment" if download else "inline"}; filename="{name}"',
    )
