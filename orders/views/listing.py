"""Pages with the account's orders: list and details."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access.member_page import member_page
from accounts.models import Membership
from common.forms import refuse_invalid
from common.paging import page_of
from common.replica import reads_replica
from exports.asking import export_response
from exports.exporters import to_parameters
from orders.exporting import ORDERS, OrderFilter
from orders.forms import OrderFilters
from orders.models import Order
from orders.views.scope import OrderNow, get_order

PAGE_SIZE = 50


@require_safe
@member_page
@reads_replica
def order_list(request: HttpRequest, membership: Membership) -> HttpResponse:
    """List the account's orders, newest first, filtered by status, order date, product or number."""
    now = timezone.now()
    filters = OrderFilters(request.GET)
    found = _read_filter(filters).find(membership.account, now) if filters.is_valid() else Order.objects.none()
    page = page_of(found, request.GET.get("page"), size=PAGE_SIZE)
    context = {
        "filters": filters,
        "page": page,
        "rows": [OrderNow(order, now) for order in page.rows],
        "searched_everywhere": not any(request.GET.get(name) for name in ("since", "until", "status")),
        "narrowed": page.previous or any(request.GET.get(name) for name in filters.fields),
    }
    return render(request, "orders/list.html", context)


def _read_filter(form: OrderFilters) -> OrderFilter:
    """Return the filter of a valid form."""
    return OrderFilter(**{name: form.cleaned_data[name] for name in form.fields})


@require_safe
@member_page
def export_orders(request: HttpRequest, membership: Membership) -> HttpResponseBase:
    """Answer with the export of what the list shows for the same filter, or lead to its page if it takes longer."""
    form = OrderFilters(request.GET)
    refuse_invalid(form)
    return export_response(ORDERS, membership, to_parameters(_read_filter(form)), request.GET.get("format", "xlsx"))


@require_safe
@member_page
def order_detail(request: HttpRequest, membership: Membership, number: str) -> HttpResponse:
    """Show one order. `?panel=1` returns only its facts, for the panel beside the picker (R30)."""
    template = "orders/_facts.html" if request.GET.get("panel") else "orders/detail.html"
    return render(request, template, {"row": get_order(membership, number)})
