"""Changes of a contract: by POST only, and irreversible ones with a confirmation page (R4, R5, R32)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access.actors import Actor, actor_of
from accounts.access.member_page import member_page
from accounts.cc_emails import get_delivery_addresses
from accounts.models import Membership
from common.errors import Refused
from common.previous_page import get_return_url
from contracts import services
from contracts.models import Contract
from contracts.services import selections
from contracts.services.approvals import approval_required_message
from contracts.views.forms import ConsentForm, RequestVoidForm, VoidForm
from contracts.views.fragments import is_htmx
from contracts.views.picker import picker_url
from contracts.views.scope import ContractRow, get_contract, row_for


@dataclass(frozen=True, slots=True)
class Change:
    """A change that must be confirmed."""

    action: str
    title: Promise | str
    body: str
    """Template that explains the change and has its form fields."""
    form: type[forms.Form]
    make: Callable[[Contract, Actor, dict[str, Any]], object]
    done: Promise | str
    refused: Promise | str
    """Sentence about the contract after a refused change."""
    leads_to: Contract.Status | None = None
    """Status of a contract that has already been changed."""


CONVERT = Change(
    action="convert",
    title=_("Convert to official contract"),
    body="contracts/_convert.html",
    form=ConsentForm,
    make=lambda contract, by, given: services.convert_to_official(contract=contract, by=by, deliver=given["deliver"]),
    done=_("Contract %(number)s is now official and carries the contract seal."),
    refused=_("The contract is still a draft."),
    leads_to=Contract.Status.OFFICIAL,
)
VOID = Change(
    action="void",
    title=_("Void this draft"),
    body="contracts/_void.html",
    form=VoidForm,
    make=lambda contract, by, given: services.void_draft(contract=contract, by=by, **given),
    done=_("Contract %(number)s was voided. Its orders can be included in another contract."),
    refused=_("The contract was not voided."),
    leads_to=Contract.Status.VOIDED,
)
REQUEST_VOID = Change(
    action="request_void",
    title=_("Request void"),
    body="contracts/_request_void.html",
    form=RequestVoidForm,
    make=lambda contract, by, given: services.request_void(contract=contract, by=by, **given),
    done=_("We received your request to void contract %(number)s. You will find the decision on the contract's page."),
    refused=_("No request was sent."),
)


@require_http_methods(["GET", "POST"])
@member_page
def convert(request: HttpRequest, membership: Membership, number: str) -> HttpResponse:
    return confirm_then_make(request, membership, number, CONVERT)


@require_http_methods(["GET", "POST"])
@member_page
def void(request: HttpRequest, membership: Membership, number: str) -> HttpResponse:
    return confirm_then_make(request, membership, number, VOID)


@require_http_methods(["GET", "POST"])
@member_page
def request_void(request: HttpRequest, membership: Membership, number: str) -> HttpResponse:
    return confirm_then_make(request, membership, number, REQUEST_VOID)


def confirm_then_make(request: HttpRequest, membership: Membership, number: str, change: Change) -> HttpResponse:
    """Ask for confirmation in a dialog or on a page. When posted, make the change and return to the list (R32).

    A refusal is shown in place. A second click finds the change made and reports success.
    """
    contract = get_contract(membership, number)
    actor = actor_of(membership, "page")
    actor.require_to_act()
    row = row_for(contract, membership)
    if request.method == "POST" and row.status == change.leads_to:
        return _done(request, contract, change)
    if change.action not in row.actions:
        raise _not_allowed(row)
    initial = {"deliver": membership.account.deliver_by_email}
    form = change.form(request.POST if request.method == "POST" else None, initial=initial)
    refused = None
    if form.is_valid():
        try:
            change.make(contract, actor, form.cleaned_data)
        except Refused as error:
            if get_contract(membership, number).status_at == change.leads_to:  # changed by another click while sealing
                return _done(request, contract, change)
            refused = error
        else:
            return _done(request, contract, change)
    context = {"row": row, "contract": contract, "change": change, "form": form, "refused": refused}
    if change is CONVERT:
        context["recipients"] = get_delivery_addresses(membership.account)
    template = "contracts/_change_dialog.html" if is_htmx(request) else "contracts/change.html"
    status = refused.status if refused else 400 if form.errors else 200
    return render(request, template, context, status=status)


def _done(request: HttpRequest, contract: Contract, change: Change) -> HttpResponse:
    messages.success(request, change.done % {"number": contract.number})
    return redirect("contract-list")


def _not_allowed(row: ContractRow) -> Refused:
    """Return why the change is not allowed for the contract's current status (R4, R5, R21, R44)."""
    facts = {"number": row.contract.number, "status": row.status.label}
    if row.live and row.contract.approval_requested_by:
        waiting = gettext("Contract %(number)s is waiting for another member's approval.")
        return Refused("approval_required", waiting % facts)
    if "request_approval" in row.actions:
        return Refused("approval_required", approval_required_message(row.contract))
    if row.contract.ticket_open:
        return Refused(
            "ticket_already_open", gettext("Contract %(number)s already has an open request to void.") % facts
        )
    return Refused(
        "transition_not_allowed",
        gettext("Not possible: the status of contract %(number)s is now “%(status)s”.") % facts,
    )


@require_POST
@member_page
def remarks(request: HttpRequest, membership: Membership, number: str) -> HttpResponse:
    """Edit the remarks in any status (R17)."""
    contract = get_contract(membership, number)
    text = request.POST.get("remarks", "")
    contract = services.edit_remarks(contract=contract, remarks=text, by=actor_of(membership, "page"))
    if is_htmx(request):
        context = {"contract": contract, "may_act": membership.may_act, "saved": True}
        return render(request, "contracts/_remarks.html", context)
    messages.success(request, gettext("The remarks of contract %(number)s were saved.") % {"number": contract.number})
    return HttpResponseRedirect(get_return_url(request, request.POST.get("next", "")))


@require_POST
@member_page
def reapply(request: HttpRequest, membership: Membership, number: str) -> HttpResponse:
    """Start a new application with the orders, details, language and remarks of a contract that has ended."""
    contract = get_contract(membership, number)
    actor_of(membership, "page").require_to_act()
    row = row_for(contract, membership)
    if "reapply" not in row.actions:
        raise _not_allowed(row)
    selection = selections.new_selection(membership, contract.type, contract.order_numbers)
    selection.copied_from = contract
    selection.save()
    return redirect(picker_url(selection, since="", until=""))
