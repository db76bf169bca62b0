"""From the type to the draft: choose the type, confirm orders and parties, and what comes after (R12–R15, R29, R31)."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access.actors import actor_of
from accounts.access.member_page import member_page
from accounts.certification.requests import require_certified_name
from accounts.models import Account, Issuer, Membership, PartyProfile
from billing.remittance_accounts import get_remittance_details
from common.errors import Fault, Refused
from common.forms import place_faults
from contracts.eligibility import MAX_ORDERS, faults_of
from contracts.models import Contract, Selection
from contracts.services import selections
from contracts.views.forms import ApplicationForm
from contracts.views.picker import address_of, in_other_language
from contracts.views.scope import found, shown
from orders.models import Order

SECONDS_TO_THE_LIST = 5
PAGE_LANGUAGE = "page_language"
"""Name of the language switch's buttons here, where `language` is that of the document."""
NAMES_OF_PARTY_A = ("name", "party_a", "party_a_name", "certified_name")


@dataclass(frozen=True, slots=True)
class ChosenOrder:
    order: Order
    fault: Fault | None


@require_safe
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
    if "selection" not in request.GET:
        return redirect("contract-apply", type_)
    selection = selections.found(membership, type_, request.GET["selection"])
    if contract := selections.drafted(selection, now=timezone.now()):
        return _drafted_before(request, contract)
    if request.method == "POST" and request.POST.keys() & {"back", PAGE_LANGUAGE}:
        return _leave(request, selection)
    if not 0 < len(selection.order_numbers) <= MAX_ORDERS:
        messages.error(request, _("Select 1 to %d orders.") % MAX_ORDERS)
        return redirect(address_of(type_, selection))
    account = Account.objects.select_related("profile", "remittance_account").get(pk=membership.account.pk)
    initial = _known(account, selection, membership)
    form = ApplicationForm(request.POST if request.method == "POST" else None, initial=initial)
    refused = None
    if form.is_valid():
        try:
            contract = selections.draft(
                selection,
                party_a=form.details(),
                language=form.cleaned_data["language"] or initial["language"],
                remarks=form.cleaned_data["remarks"],
                by=actor,
            )
        except Refused as error:
            refused = error
        else:
            _tell_of_the_name(request, name)
            return redirect("contract-created", contract.number)
    elsewhere = place_faults(form, refused.faults) if refused else []
    others = [fault for fault in elsewhere if not fault.pointer.startswith("/order_numbers/")]
    context = _context(account, selection, refused) | {"form": form, "party_a_name": name, "faults": others}
    status = refused.status if refused else 400 if form.errors else 200
    return render(request, "contracts/confirm.html", context, status=status)


@require_safe
@member_page
def created(request: HttpRequest, membership: Membership, number: str) -> HttpResponse:
    """The draft is there. The page goes to the list by itself after five seconds, unless asked to stay (R15)."""
    staying = "stay" in request.GET
    context = {"row": shown(found(membership, number), membership), "staying": staying, "seconds": SECONDS_TO_THE_LIST}
    answer = render(request, "contracts/created.html", context)
    if not staying:
        answer["Refresh"] = f"{SECONDS_TO_THE_LIST}; url={reverse('contract-list')}"
    return answer


def _drafted_before(request: HttpRequest, contract: Contract) -> HttpResponse:
    """A second click on Generate lands where the first did; who comes back later is told what came of the page."""
    if request.method == "POST":
        return redirect("contract-created", contract.number)
    said = _("These orders are in contract %(number)s already: this is it. Void it to apply for them again.")
    messages.info(request, said % {"number": contract.number})
    return redirect("contract-detail", contract.number)


def _tell_of_the_name(request: HttpRequest, name: str) -> None:
    """No page sends a name of Party A; one that comes nevertheless is not used, and that is said (R11)."""
    sent = {request.POST[field] for field in NAMES_OF_PARTY_A if field in request.POST}
    if sent - {name}:
        said = _("Party A's name is the certified one, %(name)s. Another name that was sent was not used.")
        messages.warning(request, said % {"name": name})


def _leave(request: HttpRequest, selection: Selection) -> HttpResponse:
    """Keep what was typed, then return to the picker or show this page in another language (R14)."""
    fields = ApplicationForm.base_fields
    selections.keep_typed(selection, {name: request.POST[name] for name in fields if name in request.POST})
    if "back" in request.POST:
        return redirect(address_of(selection.type, selection))
    return in_other_language(request, request.POST[PAGE_LANGUAGE])


def _known(account: Account, selection: Selection, membership: Membership) -> dict[str, str]:
    """Initial values: what was typed before, else the contract that is copied, else the details given last (R12).

    The language is the account's setting, else the member's last choice, else the page's own.
    """
    profile = getattr(account, "profile", None)
    language = account.document_language or membership.last_document_language or page_language()
    known = {"language": language, **(profile.details() if profile else {})}
    if source := selection.copied_from:
        known |= {name: source.party_a[name] for name in PartyProfile.DETAILS}
        known |= {"language": source.language, "remarks": source.remarks}
    return known | selection.typed


def page_language() -> str:
    """The language of contracts that the page itself is in."""
    shown = get_language() or ""
    return shown if shown in Contract.Language.values else Contract.Language.ENGLISH


def _context(account: Account, selection: Selection, refused: Refused | None) -> dict[str, Any]:
    """The orders in the order they were picked, each with what bars it now, and the parties."""
    numbers = selection.order_numbers
    orders = Order.objects.of(account).select_related("product").filter(number__in=numbers)
    chosen = sorted(orders, key=lambda order: numbers.index(order.number))
    faults = faults_of(chosen, selection.type, now=timezone.now())
    refusals = _order_faults(numbers, refused)
    rows = [ChosenOrder(order, refusals.get(order.number) or faults[order.pk]) for order in chosen]
    issuer = Issuer.objects.current()
    totals, list_totals = (selections.totals_of(chosen, field) for field in ("payable_amount", "list_amount"))
    sums = dict(totals)
    saved = [(currency, lists - sums[currency]) for currency, lists in list_totals if lists != sums[currency]]
    return {
        "type": Contract.Type(selection.type),
        "account": account,
        "rows": rows,
        "barred": sum(row.fault is not None for row in rows),
        "totals": totals,
        "discounts": saved,
        "issuer": issuer,
        "remittance": get_remittance_details(account, issuer)
        if selection.type == Contract.Type.PAYMENT_REQUEST
        else None,
        "back": address_of(selection.type, selection),
        "keeping": "confirm",
        "switch": PAGE_LANGUAGE,
    }


def _order_faults(numbers: list[str], refused: Refused | None) -> dict[str, Fault]:
    """Order number → the fault that points at it as `/order_numbers/i`."""
    faults = {}
    for fault in refused.faults if refused else ():
        place = fault.pointer.removeprefix("/order_numbers/")
        if place.isdigit():
            faults[numbers[int(place)]] = fault
    return faults
