"""Approval of conversions by another member: request, decide, withdraw (R44)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access.actors import Actor, actor_of
from accounts.access.member_page import member_page
from accounts.models import Membership
from contracts import services
from contracts.models import Contract
from contracts.services import approvals
from contracts.views.changes import Change, confirm_then_make
from contracts.views.forms import APPROVE, ApprovalRequestForm, DecisionForm
from contracts.views.scope import get_contract


def _decide(contract: Contract, by: Actor, given: dict[str, Any]) -> None:
    decide = services.approve_conversion if given["decision"] == APPROVE else services.reject_approval
    decide(approval=approvals.get_requested(contract), note=given["note"], by=by)


REQUEST_APPROVAL = Change(
    action="request_approval",
    title=_("Request approval"),
    body="contracts/_request_approval.html",
    form=ApprovalRequestForm,
    make=lambda contract, by, given: services.request_approval(contract=contract, by=by, **given),
    done=_("Approval of contract %(number)s was requested."),
    refused=_("No approval was requested."),
)
DECIDE = Change(
    action="decide_approval",
    title=_("Decide on approval"),
    body="contracts/_decide_approval.html",
    form=DecisionForm,
    make=_decide,
    done=_("Your decision about contract %(number)s was recorded."),
    refused=_("The contract is still a draft."),
)


@require_http_methods(["GET", "POST"])
@member_page
def request_approval(request: HttpRequest, membership: Membership, number: str) -> HttpResponse:
    return confirm_then_make(request, membership, number, REQUEST_APPROVAL)


@require_http_methods(["GET", "POST"])
@member_page
def decide(request: HttpRequest, membership: Membership, number: str) -> HttpResponse:
    return confirm_then_make(request, membership, number, DECIDE)


@require_POST
@member_page
def withdraw(request: HttpRequest, membership: Membership, number: str) -> HttpResponse:
    contract = get_contract(membership, number)
    by = actor_of(membership, "page")
    by.require_to_act()
    services.withdraw_approval(approval=approvals.get_requested(contract), by=by)
    messages.success(
        request, gettext("The request for approval of contract %(number)s was withdrawn.") % {"number": number}
    )
    return redirect("contract-detail", number)
