"""Changing a contract: always a POST, and what cannot be taken back behind a page that says so (R4, R5, R32)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from billing.access import Actor, actor_of
from billing.errors import Refused
from billing.gate import member_page
from billing.models import Membership
from contracts import selections, services
from contracts.forms import ConsentForm, RequestVoidForm, VoidForm
from contracts.middleware import way_back
from contracts.models import Contract
from contracts.views.picker import address_of
from contracts.views.scope import ContractNow, found, shown


@dataclass(frozen=True, slots=True)
class Change:
    """A change that is asked for once more before it is made."""

    action: str
    template: str
    form: type[forms.Form]
    make: Callable[[Contract, Actor, dict[str, Any]], object]
    done: Promise | str


CONVERT = Change(
    action="convert",
    template="contracts/convert.html",
    form=ConsentForm,
    make=lambda contract, by, given: services.convert_to_official(contract=contract, by=by),
    done=_("Contract %(number)s is official now. It carries the contract seal."),
)
VOID = Change(
    action="void",
    template="contracts/void.html",
    form=VoidForm,
    make=lambda contract, by, given: services.void_draft(contract=contract, by=by, **given),
    done=_("Contract %(number)s was voided. Its orders can enter another contract."),
)
REQUEST_VOID = Change(
    action="request_void",
    template="contracts/request_void.html",
    form=RequestVoidForm,
    make=lambda contract, by, given: services.request_void(contract=contract, by=by, **given),
    done=_("We received your request to void contract %(number)s. You see the decision on the contract's page."),
)


@require_http_methods(["GET", "POST"])
@member_page
def convert(request: HttpRequest, membership: Membership, number: str) -> HttpResponse:
    return _ask_then_make(request, membership, number, CONVERT)


@require_http_methods(["GET", "POST"])
@member_page
def void(request: HttpRequest, membership: Membership, number: str) -> HttpResponse:
    return _ask_then_make(request, membership, number, VOID)


@require_http_methods(["GET", "POST"])
@member_page
def request_void(request: HttpRequest, membership: Membership, number: str) -> HttpResponse:
    return _ask_then_make(request, membership, number, REQUEST_VOID)


def _ask_then_make(request: HttpRequest, membership: Membership, number: str, change: Change) -> HttpResponse:
    """Ask; when posted make the change and go back to the list (R32). A refusal is shown where it was asked."""
    contract = found(membership, number)
    actor = actor_of(membership, "page")
    actor.require_to_act()
    row = shown(contract, membership)
    if change.action not in row.actions:
        raise _not_open(row)
    form = change.form(request.POST if request.method == "POST" else None)
    refused = None
    if form.is_valid():
        try:
            change.make(contract, actor, form.cleaned_data)
        except Refused as error:
            refused = error
        else:
            messages.success(request, change.done % {"number": contract.number})
            return redirect("contract-list")
    context = {"row": row, "contract": contract, "form": form, "refused": refused}
    status = refused.status if refused else 400 if form.errors else 200
    return render(request, change.template, context, status=status)


def _not_open(row: ContractNow) -> Refused:
    """Why a change is not open for the contract as it is now (R4, R5, R21)."""
    facts = {"number": row.contract.number, "status": row.status.label}
    if row.contract.ticket_open:
        return Refused(
            "ticket_already_open", gettext("Contract %(number)s already has an open request to void.") % facts
        )
    return Refused(
        "transition_not_allowed", gettext("This cannot be done: contract %(number)s is “%(status)s” now.") % facts
    )


@require_POST
@member_page
def remarks(request: HttpRequest, membership: Membership, number: str) -> HttpResponse:
    """Edit the remarks in place, in any status (R17)."""
    contract = found(membership, number)
    services.edit_remarks(contract=contract, remarks=request.POST.get("remarks", ""), by=actor_of(membership, "page"))
    messages.success(request, gettext("The remarks of contract %(number)s are saved.") % {"number": contract.number})
    return redirect(way_back(request, request.POST.get("next", "")))


@require_POST
@member_page
def reapply(request: HttpRequest, membership: Membership, number: str) -> HttpResponse:
    """Apply again with the orders of a contract that has ended: the picker says which of them still can."""
    contract = found(membership, number)
    actor_of(membership, "page").require_to_act()
    selection = selections.new(membership, contract.type, contract.order_numbers)
    selection.save()
    return redirect(address_of(contract.type, selection, since="", until=""))
