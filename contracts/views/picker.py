"""The picker: which orders enter the contract (R8, R9, R10, R14, R25)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django.views.i18n import set_language
from django_htmx.http import replace_url

from accounts.access.actors import actor_of
from accounts.access.member_page import member_page
from accounts.certification.requests import require_certified_name
from accounts.models import Account, Membership
from common.days import Interval
from common.errors import Fault
from common.normal_forms import normalise_code
from common.paging import page_of
from contracts.eligibility import MAX_ORDERS, faults_of, picker_rows
from contracts.models import Selection
from contracts.services import selections
from contracts.types import ContractType
from contracts.views.forms import PickerFilters
from contracts.views.fragments import part_wanted
from orders.models import Order, OrderQuerySet, Product

PAGE_SIZE = 50
NAMED = 5
"""So many order numbers are named in a warning."""
FILTERS = ("product", "since", "until")


@dataclass(frozen=True, slots=True)
class PickerRow:
    order: Order
    fault: Fault | None
    """Why the order cannot be picked; None if it can."""
    selected: bool
    dates: list[tuple[Promise, str]]
    """Labels and texts of the type's columns."""


@require_http_methods(["GET", "POST"])
@member_page
def picker(request: HttpRequest, membership: Membership, type_: ContractType) -> HttpResponse:
    """Choose orders. Every button of the page posts, so that paging and searching keep what is checked (R14)."""
    actor_of(membership, "page").require_to_act()
    require_certified_name(membership.account)
    selection = _selection(request, membership, type_)
    if request.method == "GET":
        return _show(request, selection, type_)
    _keep(request, selection)
    if "language" in request.POST:
        return in_other_language(request, request.POST["language"])
    return _kept(request, selection) if part_wanted(request) else _go(request, selection, type_)


def address_of(selection: Selection, **query: str) -> str:
    """The picker with this selection (R14)."""
    address = reverse("contract-apply", args=[selection.contract_type])
    return f"{address}?{urlencode({'selection': str(selection.pk), **query})}"


def _selection(request: HttpRequest, membership: Membership, type_: ContractType) -> Selection:
    """The selection that the address names; a new one otherwise, with the order of `?order=` in it (R25)."""
    if id_ := request.GET.get("selection"):
        get = selections.begun if request.method == "POST" else selections.found
        return get(membership, type_.value, id_)
    order = normalise_code(request.GET.get("order", ""))
    return selections.new(membership, type_.value, [order] if order else [])


def _keep(request: HttpRequest, selection: Selection) -> None:
    """Keep what is checked, without the orders that the visitor wants to be rid of or that are not theirs (R26)."""
    asked = request.POST
    shown = asked.getlist("shown")
    checked = selections.eligible(selection, shown) if "all" in asked else asked.getlist("order_numbers")
    strange = selections.keep(selection, shown=shown, checked=checked)
    if strange:
        numbers = ", ".join(strange[:NAMED])
        messages.error(request, _("Left out, because they are no orders of this account: %s") % numbers)
    if unwanted := _unwanted(request, selection):
        selections.keep(selection, shown=unwanted, checked=[])


def _unwanted(request: HttpRequest, selection: Selection) -> list[str]:
    """The numbers that a button takes out of the selection: all, those above the limit, those of a currency."""
    asked = request.POST
    if "clear" in asked:
        return list(selection.order_numbers)
    if not asked.keys() & {"first", "without"}:
        return []
    picked = selections.picked(selection, now=timezone.now())
    if "first" in asked:
        return [order.number for order in picked.orders[MAX_ORDERS:]]
    return dict(picked.other_currencies).get(asked["without"], [])


def _kept(request: HttpRequest, selection: Selection) -> HttpResponse:
    """What the foot of the picker says of the selection, while boxes are being checked."""
    context = _of_selection(selection, selections.picked(selection, now=timezone.now()))
    answer = render(request, "contracts/_picked.html", context)
    return replace_url(answer, request.get_full_path())


def in_other_language(request: HttpRequest, language: str) -> HttpResponse:
    """The same page once more, in the language that its switch asks for (R14)."""
    posted = request.POST.copy()
    posted["language"] = language
    request.POST = posted  # type: ignore[assignment]
    answer = set_language(request)
    answer["Location"] = request.get_full_path()
    return answer


def _go(request: HttpRequest, selection: Selection, type_: ContractType) -> HttpResponse:
    """Where the button leads: on to confirming, another page or another search."""
    asked = request.POST
    if "next" in asked:
        picked = selections.picked(selection, now=timezone.now())
        if gone := [number for number in selection.order_numbers if number not in picked.numbers]:
            selections.keep(selection, shown=gone, checked=[])
            numbers = ", ".join(gone[:NAMED])
            messages.warning(request, _("Left out, because they cannot enter a contract any more: %s") % numbers)
        if why_not := _why_not_next(picked, type_):
            messages.error(request, why_not)
        else:
            return redirect(f"{reverse('contract-confirm', args=[type_])}?selection={selection.pk}")
    query = {} if "reset" in asked else {name: asked[name] for name in FILTERS if name in asked}
    if page := asked.get("page"):
        query["page"] = page
    return redirect(address_of(selection, **query))


def _why_not_next(picked: selections.Picked, type_: ContractType) -> str:
    """Empty if the selection makes a contract."""
    if not picked.orders:
        return _("Select at least one order.")
    if picked.too_many:
        return _("A contract holds at most %(limit)d orders. Deselect %(count)d of those selected.") % {
            "limit": MAX_ORDERS,
            "count": picked.too_many,
        }
    if picked.other_currencies:
        return _("A contract has one currency.")
    return type_.refusal_of(picked.orders)


def _of_selection(selection: Selection, picked: selections.Picked) -> dict[str, Any]:
    return {"selection": selection, "picked": picked, "max_orders": MAX_ORDERS, "named": f":{NAMED}"}


def _show(request: HttpRequest, selection: Selection, type_: ContractType) -> HttpResponse:
    now = timezone.now()
    filters = PickerFilters(_asked(request, selection.account, now))
    picked = selections.picked(selection, now=now)
    others = _others(selection, filters, picked, now)
    page = page_of(others, request.GET.get("page"), size=PAGE_SIZE, first=picked.rows)
    faults = faults_of(page.rows, type_, now=now)
    context: dict[str, Any] = {
        "type": type_,
        "filters": filters,
        "page": page,
        "rows": [_row(order, faults[order.pk], type_, selected=order.number in picked.numbers) for order in page.rows],
        "keeping": "picker",
    }
    return render(request, "contracts/picker.html", context | _of_selection(selection, picked))


def _row(order: Order, fault: Fault | None, type_: ContractType, *, selected: bool) -> PickerRow:
    dates = [(column.label, column.text(order)) for column in type_.pages.picker_dates]
    return PickerRow(order, fault, selected, dates)


def _asked(request: HttpRequest, account: Account, now: datetime) -> dict[str, Any]:
    """What the address asks for; without days it means the current month in the account's zone (R9)."""
    asked: dict[str, Any] = request.GET.dict()
    if not asked.keys() & {"since", "until"}:
        month = Interval.month_of(now, account.tzinfo)
        asked |= {"since": month.first, "until": month.last}
    return asked


def _others(selection: Selection, filters: PickerFilters, picked: selections.Picked, now: datetime) -> OrderQuerySet:
    """The rows that the filters ask for, without the selected ones, which come before them whatever the filters (R8).

    Asked for together, they would be all orders of the account, read and sorted to show fifty.
    """
    type_ = selection.contract_type
    rows = picker_rows(selection.account, type_, now=now).exclude(pk__in=[order.pk for order in picked.rows])
    if not filters.is_valid():
        return rows.none()
    asked = filters.cleaned_data
    if asked["product"] and (numbered := rows.numbered(asked["product"])).exists():
        return numbered  # whatever the days: nobody knows the day of a number
    wanted = Interval(asked["since"], asked["until"]).on(type_.dated_by, selection.account.tzinfo)
    if product := asked["product"]:
        wanted &= Q(product__in=Product.objects.named(product))
    return rows.filter(wanted)
