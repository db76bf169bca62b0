"""Page of a contract: its content, document and history (R18)."""

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from accounts.access.actors import actor_of
from accounts.access.member_page import member_page
from accounts.models import Membership
from contracts import evidence
from contracts.documents import files as documents
from contracts.documents import page_images as page_pictures
from contracts.documents.snapshots import printed_code, read_line, verification_url
from contracts.models import VoidTicket
from contracts.models.querysets import find_invoice_numbers
from contracts.verification.codes import mask_name
from contracts.views.scope import get_contract, row_for
from contracts.views.timeline import get_approvals, get_names, get_timeline


@require_safe
@member_page
def contract_detail(request: HttpRequest, membership: Membership, number: str) -> HttpResponse:
    """Show the document's pages beside the contract's facts. Voided contracts have only facts (R18)."""
    contract = get_contract(membership, number)
    row = row_for(contract, membership)
    document = pages = None
    if "preview" in row.actions:
        document = documents.current(contract)
        pages = range(1, document.pages + 1)
    tickets = [ticket.as_of(contract) for ticket in contract.void_tickets.all()]
    names = get_names(contract, membership)
    context = {
        "row": row,
        "contract": contract,
        "invoice_numbers": find_invoice_numbers([contract]).get(contract.pk),
        "lines": [read_line(line.snapshot) for line in contract.lines.all()],
        "document": document,
        "pages": pages,
        "printed_code": printed_code(contract.verification_code),
        "share_url": verification_url(contract),
        "party_a_masked": mask_name(contract.party_a["name"]),
        "timeline": get_timeline(contract, names),
        "approvals": get_approvals(contract, membership, names),
        "tickets": tickets,
        "certificate": documents.certificate(contract),
        "voiding_ticket": next((ticket for ticket in tickets if ticket.status == VoidTicket.Status.APPROVED), None),
    }
    return render(request, "contracts/detail.html", context)


@require_safe
@member_page
def document(request: HttpRequest, membership: Membership, number: str) -> HttpResponse:
    """Answer with the PDF, inline or with `?download=1` as an attachment; 410 for a voided contract (R18)."""
    contract = get_contract(membership, number)
    return documents.current_response(request, contract, download=request.GET.get("download") == "1")


@require_safe
@member_page
def void_certificate(request: HttpRequest, membership: Membership, number: str) -> HttpResponse:
    """Answer with the void certificate, inline or with `?download=1` as an attachment (R5)."""
    contract = get_contract(membership, number)
    return documents.certificate_response(request, contract, download=request.GET.get("download") == "1")


@require_safe
@member_page
def evidence_bundle(request: HttpRequest, membership: Membership, number: str) -> HttpResponse:
    """Answer with the evidence bundle as a ZIP file; 410 for a voided contract (R18)."""
    return evidence.bundle_response(request, get_contract(membership, number), by=actor_of(membership, "page"))


def revalidated_by_browser(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let the browser store the image, but revalidate it each time, since access may have ended."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        answer = view(request, *args, **kwargs)
        if answer.status_code in (200, 304):
            answer["Cache-Control"] = "private, no-cache"
        return answer

    return wrapper


@require_safe
@revalidated_by_browser
@member_page
def page_picture(request: HttpRequest, membership: Membership, number: str, page: int) -> HttpResponse:
    """Answer with the image of a page, larger with `?size=large`. Access is the same as for the document."""
    document = documents.current(get_contract(membership, number))
    if not 1 <= page <= document.pages:
        raise Http404
    width = page_pictures.LARGE if request.GET.get("size") == "large" else page_pictures.WIDTH
    etag = f'"{document.sha256}-{page}-{width}"'
    answer = get_conditional_response(request, etag=etag)
    if answer is None:
        picture = page_pictures.cached_picture(document.sha256, page, width, lambda: documents.read(document))
        answer = HttpResponse(picture, content_type="image/png")
    answer["ETag"] = etag
    return answer
