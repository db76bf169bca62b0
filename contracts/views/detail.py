"""One contract: what it says, its document, and what happened to it (R18)."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import get_user_model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from billing.gate import member_page
from billing.models import Membership
from contracts import documents, page_pictures
from contracts.models import Contract
from contracts.snapshots import printed_code, read_line
from contracts.views.scope import found, shown


@dataclass(frozen=True, slots=True)
class Happening:
    """One entry of the timeline."""

    what: str
    at: datetime
    who: str


@require_GET
@member_page
def contract_detail(request: HttpRequest, membership: Membership, number: str) -> HttpResponse:
    """The preview: the document's pages beside the contract's facts. A voided contract has facts alone (R18)."""
    contract = found(membership, number)
    row = shown(contract, membership)
    document = pages = None
    if "preview" in row.actions:
        document = documents.current(contract)
        pages = range(1, page_pictures.page_count(documents.read(document)) + 1)
    context = {
        "row": row,
        "contract": contract,
        "lines": [read_line(line) for line in contract.lines.all()],
        "document": document,
        "pages": pages,
        "printed_code": printed_code(contract.verification_code),
        "timeline": _timeline(contract, membership),
        "tickets": contract.void_tickets.all(),
    }
    return render(request, "contracts/detail.html", context)


@require_GET
@member_page
def document(request: HttpRequest, membership: Membership, number: str) -> HttpResponse:
    """The PDF, shown or with `?download=1` saved; 410 for a voided contract (R18)."""
    return documents.response(found(membership, number), download=request.GET.get("download") == "1")


@require_GET
@member_page
def page_picture(request: HttpRequest, membership: Membership, number: str, page: int) -> HttpResponse:
    """One page of the document as a picture, under the document's own access rules."""
    content = documents.read(documents.current(found(membership, number)))
    try:
        picture = page_pictures.picture(content, page)
    except IndexError as error:
        raise Http404 from error
    return HttpResponse(picture, content_type="image/png")


def _timeline(contract: Contract, membership: Membership) -> list[Happening]:
    """The audit trail with names put to ids: members by name, our staff as such, the clock as nobody."""
    events = list(contract.events.all())
    members = get_user_model().objects.filter(
        pk__in=[event.actor_id for event in events], memberships__account=membership.account
    )
    names = {user.pk: user.get_full_name() or user.get_username() for user in members}
    return [
        Happening(event.get_kind_display(), event.at, _who(event.actor_id, event.source, names)) for event in events
    ]


def _who(actor_id: int | None, source: str, names: dict[int, str]) -> str:
    if actor_id is None:
        return _("by itself")
    if source == "admin":
        return _("our contract staff")
    return names.get(actor_id, _("a former member"))
