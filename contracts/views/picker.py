"""Picker: choose the orders of a contract (R8, R9, R10, R14, R25)."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
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
from accounts.models import Membership
from common.errors import Fault
from common.normal_forms import normalise_code
from common.paging import page_of
from contracts.eligibility import MAX_ORDERS, find_order_faults
from contracts.models import Selection
from contracts.services import selections
from contracts.types import ContractType
from contracts.views.fragments import is_htmx
from contracts.views.picker_filters import count_selectable, find_rows, read_filters, sort_of, to_query
from contracts.views.picking import MAX_LISTED, save_picks
from orders.models import Order

PAGE_SIZE = 50


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
    faults = save_picks(request, selection)
    if "language" in request.POST:
        return in_other_language(request, request.POST["language"])
    if faults:
        return _show(request, selection, type_, faults=faults)
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
    return selections.new_selection(membership, type_.value, [order] if order else [])


def _picked_part(request: HttpRequest, selection: Selection) -> HttpResponse:
    """Answer with the picker's footer, updated while boxes are checked."""
    context = _selection_context(selection, selections.get_picked(selection, now=timezone.now()))
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
        picked = selections.get_picked(selection, now=timezone.now())
        if ineligible := [number for number in selection.order_numbers if number not in picked.numbers]:
            selections.save_picks(selection, shown=ineligible, checked=[])
            numbers = ", ".join(ineligible[:MAX_LISTED])
            messages.warning(request, _("Left out because they can no longer be included in a contract: %s") % numbers)
        if problem := _selection_problem(picked, type_):
            messages.error(request, problem)
        else:
            return redirect(f"{reverse('contract-confirm', args=[type_])}?selection={selection.pk}")
    if "several" in data:
        return redirect(f"{reverse('contract-several', args=[type_])}?selection={selection.pk}")
    query = {} if "reset" in data else to_query(data)
    if page := data.get("page"):
        query["page"] = page
    return redirect(picker_url(selection, **query))


def _selection_problem(picked: selections.PickedOrders, type_: ContractType) -> str:
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


def _selection_context(selection: Selection, picked: selections.PickedOrders) -> dict[str, Any]:
    return {"selection": selection, "picked": picked, "max_orders": MAX_ORDERS, "named": f":{MAX_LISTED}"}


def _show(
    request: HttpRequest, selection: Selection, type_: ContractType, *, faults: Sequence[Fault] = ()
) -> HttpResponse:
    """Show the picker. `faults`: why pasted numbers were left out; then the pasted text stays."""
    now = timezone.now()
    filters = read_filters(request.POST if faults else request.GET, selection.account, now)
    selected = selections.find_picked_rows(selection, now=now, sort=sort_of(filters))
    # Selected rows come first (R8). One query for both would read and sort all orders of the account.
    others = find_rows(selection, filters, now).exclude(pk__in=[order.pk for order in selected])
    page = page_of(others, request.GET.get("page"), size=PAGE_SIZE, first=selected)
    order_faults = find_order_faults({order.pk: order for order in [*selected, *page.rows]}.values(), type_, now=now)
    picked = selections.to_picked(selection, selected, order_faults)
    context: dict[str, Any] = {
        "type": type_,
        "filters": filters,
        "page": page,
        "rows": [_row(order, order_faults[order.pk], type_, picked.numbers) for order in page.rows],
        "selectable": count_selectable(others, now=now),
        "max_selected": selections.MAX_SELECTED,
        "paste_faults": faults,
        "pasted": request.POST.get("pasted", "") if faults else "",
        "keeping": "picker",
    }
    return render(request, "contracts/picker.html", context | _selection_context(selection, picked))


def _row(order: Order, fault: Fault | None, type_: ContractType, selected: Container[str]) -> PickerRow:
    dates = [(column.label, column.text(order)) for column in type_.pages.picker_dates]
    return PickerRow(order, fault, order.number in selected, dates)
