"""Picker: choose the orders of a contract (R8, R9, R10, R14, R25)."""

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
from contracts.views.fragments import is_htmx
from orders.models import Order, OrderQuerySet, Product

PAGE_SIZE = 50
MAX_LISTED = 5
"""Maximum order numbers listed in a warning."""
FILTERS = ("product", "since", "until")


@dataclass(frozen=True, slots=True)
class PickerRow:
    order: Order
    fault: Fault | None
    """Why the order is not eligible; None if it is."""
    selected: bool
    dates: list[tuple[Promise, str]]
    """Labels and texts of the type's columns."""


@require_http_methods(["GET", "POST"])
@member_page
def picker(request: HttpRequest, membership: Membership, type_: ContractType) -> HttpResponse:
    """Choose orders. Every button posts, so that paging and searching keep the checked orders (R14)."""
    actor_of(membership, "page").require_to_act()
    require_certified_name(membership.account)
    selection = _selection(request, membership, type_)
    if request.method == "GET":
        return _show(request, selection, type_)
    _save(request, selection)
    if "language" in request.POST:
        return in_other_language(request, request.POST["language"])
    return _picked_part(request, selection) if is_htmx(request) else _redirect(request, selection, type_)


def picker_url(selection: Selection, **query: str) -> str:
    """Return the picker's URL with this selection (R14)."""
    address = reverse("contract-apply", args=[selection.contract_type])
    return f"{address}?{urlencode({'selection': str(selection.pk), **query})}"


def _selection(request: HttpRequest, membership: Membership, type_: ContractType) -> Selection:
    """Return the URL's selection, or a new one with the order of `?order=` (R25)."""
    if id_ := request.GET.get("selection"):
        get = selections.get_or_new_selection if request.method == "POST" else selections.get_selection
        return get(membership, type_.value, id_)
    order = normalise_code(request.GET.get("order", ""))
    return selections.new(membership, type_.value, [order] if order else [])


def _save(request: HttpRequest, selection: Selection) -> None:
    """Save the checked orders, without those that the visitor removes or that are not the account's (R26)."""
    data = request.POST
    shown = data.getlist("shown")
    checked = selections.eligible(selection, shown) if "all" in data else data.getlist("order_numbers")
    unknown = selections.keep(selection, shown=shown, checked=checked)
    if unknown:
        numbers = ", ".join(unknown[:MAX_LISTED])
        messages.error(request, _("Left out because they are not orders of this account: %s") % numbers)
    if removed := _removed(request, selection):
        selections.keep(selection, shown=removed, checked=[])


def _removed(request: HttpRequest, selection: Selection) -> list[str]:
    """Return the numbers that the button removes: all, those above the limit, or those of a currency."""
    data = request.POST
    if "clear" in data:
        return list(selection.order_numbers)
    if not data.keys() & {"first", "without"}:
        return []
    picked = selections.picked(selection, now=timezone.now())
    if "first" in data:
        return [order.number for order in picked.orders[MAX_ORDERS:]]
    return dict(picked.other_currencies).get(data["without"], [])


def _picked_part(request: HttpRequest, selection: Selection) -> HttpResponse:
    """Answer with the picker's footer, updated while boxes are checked."""
    context = _selection_context(selection, selections.picked(selection, now=timezone.now()))
    answer = render(request, "contracts/_picked.html", context)
    return replace_url(answer, request.get_full_path())


def in_other_language(request: HttpRequest, language: str) -> HttpResponse:
    """Show the same page in the chosen language (R14)."""
    posted = request.POST.copy()
    posted["language"] = language
    request.POST = posted  # type: ignore[assignment]
    answer = set_language(request)
    answer["Location"] = request.get_full_path()
    return answer


def _redirect(request: HttpRequest, selection: Selection, type_: ContractType) -> HttpResponse:
    """Redirect to the confirm page, another page or another search, depending on the button."""
    data = request.POST
    if "next" in data:
        picked = selections.picked(selection, now=timezone.now())
        if ineligible := [number for number in selection.order_numbers if number not in picked.numbers]:
            selections.keep(selection, shown=ineligible, checked=[])
            numbers = ", ".join(ineligible[:MAX_LISTED])
            messages.warning(request, _("Left out because they can no longer be included in a contract: %s") % numbers)
        if problem := _selection_problem(picked, type_):
            messages.error(request, problem)
        else:
            return redirect(f"{reverse('contract-confirm', args=[type_])}?selection={selection.pk}")
    query = {} if "reset" in data else {name: data[name] for name in FILTERS if name in data}
    if page := data.get("page"):
        query["page"] = page
    return redirect(picker_url(selection, **query))


def _selection_problem(picked: selections.Picked, type_: ContractType) -> str:
    """Return what prevents a contract of this selection; empty if nothing does."""
    if not picked.orders:
        return _("Select at least one order.")
    if picked.too_many:
        return _("A contract can include at most %(limit)d orders. Deselect %(count)d of those selected.") % {
            "limit": MAX_ORDERS,
            "count": picked.too_many,
        }
    if picked.other_currencies:
        return _("All orders of a contract must have the same currency.")
    return type_.refusal_of(picked.orders)


def _selection_context(selection: Selection, picked: selections.Picked) -> dict[str, Any]:
    return {"selection": selection, "picked": picked, "max_orders": MAX_ORDERS, "named": f":{MAX_LISTED}"}


def _show(request: HttpRequest, selection: Selection, type_: ContractType) -> HttpResponse:
    now = timezone.now()
    filters = PickerFilters(_query_params(request, selection.account, now))
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
    return render(request, "contracts/picker.html", context | _selection_context(selection, picked))


def _row(order: Order, fault: Fault | None, type_: ContractType, *, selected: bool) -> PickerRow:
    dates = [(column.label, column.text(order)) for column in type_.pages.picker_dates]
    return PickerRow(order, fault, selected, dates)


def _query_params(request: HttpRequest, account: Account, now: datetime) -> dict[str, Any]:
    """Return the query parameters, by default for the current month in the account's time zone (R9)."""
    params: dict[str, Any] = request.GET.dict()
    if not params.keys() & {"since", "until"}:
        month = Interval.month_of(now, account.tzinfo)
        params |= {"since": month.first, "until": month.last}
    return params


def _others(selection: Selection, filters: PickerFilters, picked: selections.Picked, now: datetime) -> OrderQuerySet:
    """Return the filtered rows without the selected ones, which always come first (R8).

    A combined query would read and sort all orders of the account to show fifty.
    """
    type_ = selection.contract_type
    rows = picker_rows(selection.account, type_, now=now).exclude(pk__in=[order.pk for order in picked.rows])
    if not filters.is_valid():
        return rows.none()
    params = filters.cleaned_data
    if params["product"] and (numbered := rows.numbered(params["product"])).exists():
        return numbered  # ignores the dates: visitors rarely know the date of a number
    wanted = Interval(params["since"], params["until"]).on(type_.dated_by, selection.account.tzinfo)
    if product := params["product"]:
        wanted &= Q(product__in=Product.objects.named(product))
    return rows.filter(wanted)
