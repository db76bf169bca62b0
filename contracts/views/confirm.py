"""From the type to the draft: choose the type, confirm orders and parties, and what comes after (R12–R15, R29, R31)."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from billing.access import actor_of
from billing.certification import require_certified_name
from billing.errors import Fault, Refused
from billing.gate import member_page
from billing.models import Account, Issuer, Membership
from billing.remittance import remittance_of
from contracts import selections, services
from contracts.eligibility import faults_of
from contracts.forms import ApplicationForm
from contracts.models import Contract, Selection
from contracts.views.picker import address_of
from contracts.views.scope import found, shown
from orders.models import Order

SECONDS_TO_THE_LIST = 5


@dataclass(frozen=True, slots=True)
class ChosenOrder:
    order: Order
    fault: Fault | None


@require_GET
@member_page
def choose_type(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Select the Contract Type as a page, for browsers that run no script; else a dialog on the list (R29)."""
    actor_of(membership, "page").require_to_act()
    require_certified_name(membership.account)
    return render(request, "contracts/choose_type.html")


@require_http_methods(["GET", "POST"])
@member_page
def confirm(request: HttpRequest, membership: Membership, type_: Contract.Type) -> HttpResponse:
    """The chosen orders, both parties and the details asked for (R31); posting it drafts the contract."""
    actor = actor_of(membership, "page")
    actor.require_to_act()
    name = require_certified_name(membership.account)
    selection = selections.found(membership, type_, request.GET.get("selection", ""))
    if not selection.order_numbers:
        messages.error(request, _("Select at least one order."))
        return redirect(address_of(type_, selection))
    account = Account.objects.select_related("profile", "remittance_account").get(pk=membership.account.pk)
    form = ApplicationForm(request.POST if request.method == "POST" else None, initial=_known(account))
    refused = None
    if form.is_valid():
        try:
            contract = services.apply_for_contract(
                type=type_,
                order_numbers=selection.order_numbers,
                party_a=form.details(),
                language=form.cleaned_data["language"] or Contract.Language.ENGLISH,
                remarks=form.cleaned_data["remarks"],
                by=actor,
            )
        except Refused as error:
            refused = error
        else:
            return redirect("contract-created", contract.number)
    others = _place_faults(form, refused.faults) if refused else []
    context = _context(account, selection, refused) | {"form": form, "party_a_name": name, "faults": others}
    status = refused.status if refused else 400 if form.errors else 200
    return render(request, "contracts/confirm.html", context, status=status)


@require_GET
@member_page
def created(request: HttpRequest, membership: Membership, number: str) -> HttpResponse:
    """The draft is there. The page goes to the list by itself after five seconds, unless asked to stay (R15)."""
    staying = "stay" in request.GET
    context = {"row": shown(found(membership, number), membership), "staying": staying, "seconds": SECONDS_TO_THE_LIST}
    answer = render(request, "contracts/created.html", context)
    if not staying:
        answer["Refresh"] = f"{SECONDS_TO_THE_LIST}; url={reverse('contract-list')}"
    return answer


def _known(account: Account) -> dict[str, str]:
    """The details given last (R12), and the language that most documents have."""
    profile = getattr(account, "profile", None)
    return {"language": Contract.Language.ENGLISH, **(profile.details() if profile else {})}


def _place_faults(form: ApplicationForm, faults: tuple[Fault, ...]) -> list[Fault]:
    """Put each fault at the field it points at; returns those of no field and no order."""
    others = []
    for fault in faults:
        field = fault.pointer.removeprefix("/party_a").removeprefix("/")
        if field in form.fields:
            form.add_error(field, fault.detail)
        elif not fault.pointer.startswith("/order_numbers/"):
            others.append(fault)
    return others


def _context(account: Account, selection: Selection, refused: Refused | None) -> dict[str, Any]:
    """The orders in the order they were picked, each with what bars it now, and the parties."""
    numbers = selection.order_numbers
    orders = Order.objects.of(account).select_related("product").filter(number__in=numbers)
    chosen = sorted(orders, key=lambda order: numbers.index(order.number))
    faults = faults_of(chosen, selection.type, now=timezone.now())
    refusals = _order_faults(numbers, refused)
    rows = [ChosenOrder(order, refusals.get(order.number) or faults[order.pk]) for order in chosen]
    issuer = Issuer.objects.current()
    picked = selections.Picked(chosen, [], [])
    return {
        "type": Contract.Type(selection.type),
        "account": account,
        "rows": rows,
        "barred": sum(row.fault is not None for row in rows),
        "totals": picked.totals,
        "issuer": issuer,
        "remittance": remittance_of(account, issuer) if selection.type == Contract.Type.PAYMENT_REQUEST else None,
        "back": address_of(selection.type, selection),
    }


def _order_faults(numbers: list[str], refused: Refused | None) -> dict[str, Fault]:
    """Order number → the fault that points at it as `/order_numbers/i`."""
    faults = {}
    for fault in refused.faults if refused else ():
        place = fault.pointer.removeprefix("/order_numbers/")
        if place.isdigit():
            faults[numbers[int(place)]] = fault
    return faults
