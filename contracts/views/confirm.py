"""Choose the type, confirm orders and parties, and show the created draft (R12–R15, R29, R31)."""

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
from contracts.eligibility import MAX_ORDERS, find_order_faults
from contracts.models import Contract, Selection
from contracts.services import selections
from contracts.types import TYPES, ContractType
from contracts.views.forms import ApplicationForm
from contracts.views.picker import in_other_language, picker_url
from contracts.views.scope import get_contract, row_for
from orders.models import Order

REDIRECT_SECONDS = 5
PAGE_LANGUAGE = "page_language"
"""Name of the language switch's buttons on this page, where `language` is the document's."""
PARTY_A_NAME_FIELDS = ("name", "party_a", "party_a_name", "certified_name")


@dataclass(frozen=True, slots=True)
class ChosenOrder:
    order: Order
    fault: Fault | None
    dates: str


@require_safe
@member_page
def choose_type(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Choose the contract type without JavaScript; otherwise it is a dialog on the list (R29)."""
    actor_of(membership, "page").require_to_act()
    require_certified_name(membership.account)
    return render(request, "contracts/choose_type.html", {"types": TYPES.values()})


@require_http_methods(["GET", "POST"])
@member_page
def confirm(request: HttpRequest, membership: Membership, type_: ContractType) -> HttpResponse:
    """Show the chosen orders, both parties and the form (R31). A POST drafts the contract."""
    actor = actor_of(membership, "page")
    actor.require_to_act()
    name = require_certified_name(membership.account)
    if "selection" not in request.GET:
        return redirect("contract-apply", type_)
    selection = selections.get_selection(membership, type_.value, request.GET["selection"])
    if contract := selections.find_contract(selection, now=timezone.now()):
        return _already_drafted(request, contract)
    if request.method == "POST" and request.POST.keys() & {"back", PAGE_LANGUAGE}:
        return _save_and_leave(request, selection)
    if not 0 < len(selection.order_numbers) <= MAX_ORDERS:
        messages.error(request, _("Select 1 to %d orders.") % MAX_ORDERS)
        return redirect(picker_url(selection))
    account = Account.objects.select_related("profile", "remittance_account").get(pk=membership.account.pk)
    initial = _initial(account, selection, membership)
    form = ApplicationForm(request.POST if request.method == "POST" else None, initial=initial)
    form.fields["po_number"].required = account.po_number_required  # R34
    refused = None
    if form.is_valid():
        try:
            contract = selections.draft_contract(
                selection,
                party_a=form.details(),
                language=form.cleaned_data["language"] or initial["language"],
                remarks=form.cleaned_data["remarks"],
                po_number=form.cleaned_data["po_number"],
                by=actor,
            )
        except Refused as error:
            refused = error
        else:
            _warn_of_other_name(request, name)
            return redirect("contract-created", contract.number)
    elsewhere = place_faults(form, refused.faults) if refused else []
    others = [fault for fault in elsewhere if not fault.pointer.startswith("/order_numbers/")]
    context = _context(account, selection, refused) | {"form": form, "party_a_name": name, "faults": others}
    status = refused.status if refused else 400 if form.errors else 200
    return render(request, "contracts/confirm.html", context, status=status)


@require_safe
@member_page
def created(request: HttpRequest, membership: Membership, number: str) -> HttpResponse:
    """Show the created draft, and go to the list after REDIRECT_SECONDS unless asked to stay (R15)."""
    staying = "stay" in request.GET
    row = row_for(get_contract(membership, number), membership)
    context = {"row": row, "staying": staying, "seconds": REDIRECT_SECONDS}
    answer = render(request, "contracts/created.html", context)
    if not staying:
        answer["Refresh"] = f"{REDIRECT_SECONDS}; url={reverse('contract-list')}"
    return answer


def _already_drafted(request: HttpRequest, contract: Contract) -> HttpResponse:
    """Redirect a second click on Generate like the first. Visitors who return later get a message."""
    if request.method == "POST":
        return redirect("contract-created", contract.number)
    message = _("These orders are already in contract %(number)s, shown below. Void it to apply for them again.")
    messages.info(request, message % {"number": contract.number})
    return redirect("contract-detail", contract.number)


def _warn_of_other_name(request: HttpRequest, name: str) -> None:
    """Warn if the request has another name of Party A. No page sends one, and it is not used (R11)."""
    sent = {request.POST[field] for field in PARTY_A_NAME_FIELDS if field in request.POST}
    if sent - {name}:
        message = _("The name of Party A is the certified one, %(name)s. A different name was sent and ignored.")
        messages.warning(request, message % {"name": name})


def _save_and_leave(request: HttpRequest, selection: Selection) -> HttpResponse:
    """Save the input, then return to the picker or show this page in another language (R14)."""
    fields = ApplicationForm.base_fields
    selections.save_typed(selection, {name: request.POST[name] for name in fields if name in request.POST})
    if "back" in request.POST:
        return redirect(picker_url(selection))
    return in_other_language(request, request.POST[PAGE_LANGUAGE])


def _initial(account: Account, selection: Selection, membership: Membership) -> dict[str, str]:
    """Return initial values: previous input, else the copied contract's, else the details last given (R12)."""
    profile = getattr(account, "profile", None)
    values = {"language": initial_language(account, membership), **(profile.details() if profile else {})}
    if source := selection.copied_from:
        values |= {name: source.party_a.get(name, "") for name in PartyProfile.DETAILS}
        values |= {"language": source.language, "remarks": source.remarks, "po_number": source.po_number}
    return values | selection.typed


def initial_language(account: Account, membership: Membership) -> str:
    """Return the account's document language, else the member's last choice, else the language of the page."""
    page = get_language() or ""
    page = page if page in Contract.Language.values else Contract.Language.ENGLISH
    return account.document_language or membership.last_document_language or page


def _context(account: Account, selection: Selection, refused: Refused | None) -> dict[str, Any]:
    """Return the template context: the orders as picked, each with its fault if ineligible, and the parties."""
    numbers, type_ = selection.order_numbers, selection.contract_type
    orders = Order.objects.of(account).select_related("product").filter(number__in=numbers)
    chosen = sorted(orders, key=lambda order: numbers.index(order.number))
    faults = find_order_faults(chosen, type_, now=timezone.now())
    refusals = _order_faults(numbers, refused)
    dates = type_.pages.confirm_dates.text
    rows = [ChosenOrder(order, refusals.get(order.number) or faults[order.pk], dates(order)) for order in chosen]
    issuer = Issuer.objects.current()
    totals, list_totals = (selections.sum_by_currency(chosen, field) for field in ("payable_amount", "list_amount"))
    sums = dict(totals)
    discounts = [(currency, lists - sums[currency]) for currency, lists in list_totals if lists != sums[currency]]
    return {
        "type": type_,
        "account": account,
        "rows": rows,
        "barred": sum(row.fault is not None for row in rows),
        "totals": totals,
        "discounts": discounts,
        "issuer": issuer,
        "remittance": get_remittance_details(account, issuer) if type_.asks_for_payment else None,
        "back": picker_url(selection),
        "keeping": "confirm",
        "switch": PAGE_LANGUAGE,
    }


def _order_faults(numbers: list[str], refused: Refused | None) -> dict[str, Fault]:
    """Return order number → the fault whose pointer is `/order_numbers/i`."""
    faults = {}
    for fault in refused.faults if refused else ():
        place = fault.pointer.removeprefix("/order_numbers/")
        if place.isdigit():
            faults[numbers[int(place)]] = fault
    return faults
