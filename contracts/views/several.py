"""Create several drafts from one selection: a preview, and the batch that creates them (R1, R42)."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import party_details
from accounts.access.actors import actor_of
from accounts.access.member_page import member_page
from accounts.certification.requests import require_certified_name
from accounts.forms import label_details
from accounts.models import Account, Membership
from common.errors import Fault, Refused
from common.forms import place_faults
from contracts.bulk.batches import create_draft_batch
from contracts.bulk.drafting import MAX_DRAFTS, Grouping, PlannedDraft, digest_of, plan_drafts
from contracts.eligibility import MAX_ORDERS
from contracts.models import Selection
from contracts.services import selections
from contracts.types import ContractType
from contracts.views.confirm import initial_language
from contracts.views.forms import DraftsForm
from contracts.views.picker import picker_url


@dataclass(frozen=True, slots=True)
class Plan:
    """The drafts that a selection makes, and what of it makes none."""

    grouping: Grouping
    picked: selections.PickedOrders
    drafts: list[PlannedDraft]
    refused: list[PlannedDraft]

    @property
    def digest(self) -> str:
        return digest_of(self.drafts)

    @property
    def order_count(self) -> int:
        return sum(len(draft.orders) for draft in self.drafts)

    @property
    def totals(self) -> Any:
        return selections.sum_by_currency([order for draft in self.drafts for order in draft.orders], "payable_amount")


@require_http_methods(["GET", "POST"])
@member_page
def several(request: HttpRequest, membership: Membership, type_: ContractType) -> HttpResponse:
    """Show the drafts that the selection makes, grouped as asked. A POST starts the batch that creates them."""
    actor = actor_of(membership, "page")
    actor.require_to_act()
    name = require_certified_name(membership.account)
    if "selection" not in request.GET:
        return redirect("contract-apply", type_)
    selection = selections.get_selection(membership, type_.value, request.GET["selection"])
    if selection.batch_id is not None:  # a second click
        return redirect("contract-batch", selection.batch_id)
    plan = _plan(selection, type_, request.GET.get("by", ""))
    if not plan.drafts and not plan.refused:
        messages.error(request, _("Select at least one order."))
        return redirect(picker_url(selection))
    account = Account.objects.select_related("profile").get(pk=membership.account.pk)
    language = initial_language(account, membership)
    form = DraftsForm(request.POST if request.method == "POST" else None, initial={"language": language})
    form.fields["po_number"].required = account.po_number_required  # R34
    faults: list[Fault] = []
    if form.is_valid() and request.POST.get("seen") != plan.digest:
        faults = [Fault("invalid", _("The orders have changed since this page was shown. Check the drafts again."))]
    elif form.is_valid():
        try:
            fields = {**form.cleaned_data, "language": form.cleaned_data["language"] or language}
            batch = create_draft_batch(selection, drafts=plan.drafts, by=actor, **fields)
        except Refused as refused:
            faults = place_faults(form, refused.faults)
        else:
            return redirect("contract-batch", batch.pk)
    shown = {"form": form, "faults": faults, "party_a_name": name, "type": type_}
    context = _context(account, selection, plan) | shown
    return render(request, "contracts/several.html", context, status=400 if faults or form.errors else 200)


def _plan(selection: Selection, type_: ContractType, by: str) -> Plan:
    grouping = Grouping(by) if by in Grouping else Grouping.PRODUCT
    picked = selections.get_picked(selection, now=timezone.now())
    planned = plan_drafts(picked.orders, grouping, type_)
    refused = [draft for draft in planned if draft.refusal]
    return Plan(grouping, picked, [draft for draft in planned if not draft.refusal], refused)


def _context(account: Account, selection: Selection, plan: Plan) -> dict[str, Any]:
    profile = getattr(account, "profile", None)
    try:
        party_details.complete_profile(account, None)
    except Refused as refused:
        missing = refused.faults
    else:
        missing = ()
    return {
        "plan": plan,
        "groupings": Grouping.choices,
        "max_orders": MAX_ORDERS,
        "max_drafts": MAX_DRAFTS,
        "too_many": len(plan.drafts) > MAX_DRAFTS,
        "shown": plan.drafts[:MAX_DRAFTS],
        "selection": selection,
        "account": account,
        "details": label_details(profile.details()) if profile else [],
        "missing": missing,
        "back": picker_url(selection),
    }
