"""Actions on several contracts of the list: batches with a confirmation, downloads and exports (R42, R43)."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access.actors import actor_of
from accounts.access.member_page import member_page
from accounts.cc_emails import get_delivery_addresses
from accounts.models import Membership
from contracts.bulk.batches import create_batch
from contracts.bulk.filters import MAX_NUMBERS, ContractFilter, require_contracts
from contracts.bulk.totals import get_totals
from contracts.models import Batch, BatchItem, Contract
from contracts.views.filters import read_filter, read_form
from contracts.views.forms import ConsentForm, VoidForm

FORMS = {Batch.Action.CONVERT: ConsentForm, Batch.Action.VOID: VoidForm}
FILES: dict[str, tuple[str, dict[str, str]]] = {
    "download": ("contract-download", {}),
    "evidence": ("contract-download", {"kind": "evidence"}),
    "export": ("contract-export", {}),
    "export_csv": ("contract-export", {"format": "csv"}),
}
"""Buttons of the list that lead to a file: the page's name and its parameters."""


@require_POST
@member_page
def start(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Lead from the list's buttons to a file, or ask for confirmation and then start a batch.

    The address has the list's filter. `scope` says whether the action is for all contracts that it finds or for those
    whose `number` is given.
    """
    action = request.POST.get("action", "")
    if action in FILES:
        return _to_file(request, action)
    if action not in Batch.Action:
        raise Http404
    actor = actor_of(membership, "page")
    actor.require_to_act()
    initial = {"deliver": membership.account.deliver_by_email}
    form = FORMS[Batch.Action(action)](request.POST if "confirmed" in request.POST else None, initial=initial)
    if form.is_valid():  # a contract that changed since it was shown fails in the batch, with its reason
        numbers = request.POST.getlist("number")
        given = {name: form.cleaned_data[name] for name in ("reason", "deliver") if name in form.cleaned_data}
        started = create_batch(action=Batch.Action(action), numbers=numbers, by=actor, **given)
        return redirect("contract-batch", started.pk)
    drafts, others = _chosen(request, membership)
    if fault := _describe_unusable(drafts):
        messages.error(request, fault)
        return redirect(f"{reverse('contract-list')}?{request.GET.urlencode()}")
    context = {
        "action": Batch.Action(action),
        "numbers": drafts,
        "totals": get_totals(ContractFilter(numbers=tuple(drafts)).find(membership.account, timezone.now())),
        "left_out": others,
        "form": form,
        "recipients": get_delivery_addresses(membership.account),
    }
    return render(request, "contracts/batch_confirm.html", context, status=400 if form.errors else 200)


def _to_file(request: HttpRequest, action: str) -> HttpResponse:
    chosen = request.GET.copy()
    if request.POST.get("scope") != "all" and (numbers := request.POST.getlist("number")):
        chosen.clear()
        chosen.setlist("number", numbers)
    page, parameters = FILES[action]
    chosen.update(parameters)
    return redirect(f"{reverse(page)}?{chosen.urlencode()}")


def _chosen(request: HttpRequest, membership: Membership) -> tuple[list[str], int]:
    """Return the numbers of the chosen drafts, and how many chosen contracts are not drafts."""
    if request.POST.get("scope") == "all":
        form = read_form(request.GET)
        chosen = read_filter(form) if form.is_valid() else None
    else:
        numbers = require_contracts(membership.account, request.POST.getlist("number"))
        chosen = ContractFilter(numbers=numbers) if numbers else None
    if chosen is None:
        return [], 0
    found = chosen.find(membership.account, timezone.now())
    drafts = found.shown_as(Contract.Status.DRAFT, timezone.now(), account=membership.account)
    of_drafts = list(drafts.values_list("number", flat=True)[: MAX_NUMBERS + 1])
    return of_drafts, max(found.order_by()[: 2 * MAX_NUMBERS].count() - len(of_drafts), 0)


def _describe_unusable(drafts: Sequence[str]) -> str:
    """Return why the chosen drafts cannot be a batch; an empty string if they can."""
    if not drafts:
        return _("Select at least one draft contract.")
    if len(drafts) > MAX_NUMBERS:
        return _("At most %(most)d drafts at once. Narrow the list, or select fewer.") % {"most": MAX_NUMBERS}
    return ""


@require_safe
@member_page
def batch(request: HttpRequest, membership: Membership, pk: int) -> HttpResponse:
    """Show the progress of the batch. The page reloads until the batch has finished, without JavaScript."""
    found = get_object_or_404(Batch, pk=pk, account=membership.account)
    items = list(found.items.select_related("contract"))
    outcomes = [item.outcome for item in items]
    context = {
        "batch": found,
        "items": items,
        "done": outcomes.count(BatchItem.Outcome.DONE),
        "failed": outcomes.count(BatchItem.Outcome.FAILED),
        "worked": len(items) - outcomes.count(BatchItem.Outcome.WAITING),
    }
    answer = render(request, "contracts/batch.html", context)
    if found.finished_at is None:
        answer["Refresh"] = "2"  # seconds
    return answer
