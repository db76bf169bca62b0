"""The picker: which orders enter the contract (R8, R9, R10, R14, R25)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Case, IntegerField, Q, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from billing.access import actor_of
from billing.certification import require_certified_name
from billing.errors import Fault
from billing.gate import member_page
from billing.models import Account, Membership
from billing.paging import page_of
from contracts import selections
from contracts.eligibility import DATED_BY, MAX_ORDERS, Interval, faults_of, picker_rows
from contracts.forms import PickerFilters
from contracts.models import Contract, Selection
from orders.models import Order, OrderQuerySet

PAGE_SIZE = 50
FILTERS = ("product", "since", "until")


@dataclass(frozen=True, slots=True)
class PickerRow:
    order: Order
    fault: Fault | None
    """Why the order cannot be picked; None if it can."""
    selected: bool


@require_http_methods(["GET", "POST"])
@member_page
def picker(request: HttpRequest, membership: Membership, type_: Contract.Type) -> HttpResponse:
    """Choose orders. Every button of the page posts, so that paging and searching keep what is checked (R14)."""
    actor_of(membership, "page").require_to_act()
    require_certified_name(membership.account)
    selection = _selection(request, membership, type_)
    if request.method == "POST":
        return _keep_and_go(request, selection, type_)
    return _show(request, selection, type_)


def address_of(type_: str, selection: Selection, **query: str) -> str:
    """The picker with this selection (R14)."""
    return f"{reverse('contract-apply', args=[type_])}?{urlencode({'selection': str(selection.pk), **query})}"


def _selection(request: HttpRequest, membership: Membership, type_: Contract.Type) -> Selection:
    """The selection that the address names; a new one otherwise, with the order of `?order=` in it (R25)."""
    if id_ := request.GET.get("selection"):
        return selections.found(membership, type_, id_)
    order = request.GET.get("order", "").strip()
    return selections.new(membership, type_, [order] if order else [])


def _keep_and_go(request: HttpRequest, selection: Selection, type_: Contract.Type) -> HttpResponse:
    """Keep what is checked, then go where the button leads: on to confirming, another page or another search."""
    asked = request.POST
    selections.keep(selection, shown=asked.getlist("shown"), checked=asked.getlist("order_numbers"))
    if "next" in asked and 0 < len(selection.order_numbers) <= MAX_ORDERS:
        return redirect(f"{reverse('contract-confirm', args=[type_])}?selection={selection.pk}")
    if "next" in asked and not selection.order_numbers:
        messages.error(request, _("Select at least one order."))
    query = {} if "reset" in asked else {name: asked[name] for name in FILTERS if name in asked}
    if page := asked.get("page"):
        query["page"] = page
    return redirect(address_of(type_, selection, **query))


def _show(request: HttpRequest, selection: Selection, type_: Contract.Type) -> HttpResponse:
    now = timezone.now()
    filters = PickerFilters(_asked(request, selection.account, now))
    picked = selections.picked(selection, now=now)
    page = page_of(_rows(selection, filters, now), request.GET.get("page"), size=PAGE_SIZE)
    faults = faults_of(page.rows, type_, now=now)
    context: dict[str, Any] = {
        "type": type_,
        "selection": selection,
        "filters": filters,
        "page": page,
        "rows": [PickerRow(order, faults[order.pk], order.number in picked.numbers) for order in page.rows],
        "picked": picked,
        "max_orders": MAX_ORDERS,
        "too_many": len(picked.orders) - MAX_ORDERS,
        "for_payment": type_ == Contract.Type.PAYMENT_REQUEST,
    }
    return render(request, "contracts/picker.html", context)


def _asked(request: HttpRequest, account: Account, now: datetime) -> dict[str, Any]:
    """What the address asks for; without days it means the current month in the account's zone (R9)."""
    asked: dict[str, Any] = request.GET.dict()
    if not asked.keys() & {"since", "until"}:
        month = Interval.month_of(now, account.tzinfo)
        asked |= {"since": month.first, "until": month.last}
    return asked


def _rows(selection: Selection, filters: PickerFilters, now: datetime) -> OrderQuerySet:
    """The rows that the filters ask for, and before them the selected ones whatever the filters (R8)."""
    dated_by = DATED_BY[Contract.Type(selection.type)]
    selected = Q(number__in=selection.order_numbers)
    wanted = Q(pk__in=[])
    if filters.is_valid():
        asked = filters.cleaned_data
        wanted = Interval(asked["since"], asked["until"]).on(dated_by, selection.account.tzinfo)
        if product := asked["product"]:
            wanted &= Q(product__name__icontains=product) | Q(product__code__iexact=product)
    first = Case(When(selected, then=Value(0)), default=Value(1), output_field=IntegerField())
    rows = picker_rows(selection.account, selection.type, now=now)
    if wanted:
        rows = rows.filter(wanted | selected)
    return rows.order_by(first, f"-{dated_by}", "-pk")
