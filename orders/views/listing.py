"""Pages with the account's orders: list and details."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access.member_page import member_page
from accounts.models import Account, Membership
from common.days import Interval
from common.paging import page_of
from orders.forms import OrderFilters
from orders.models import Order, OrderQuerySet
from orders.views.scope import OrderNow, get_order

PAGE_SIZE = 50


@require_safe
@member_page
def order_list(request: HttpRequest, membership: Membership) -> HttpResponse:
    """List the account's orders, newest first, filtered by status, order date, product or number."""
    now = timezone.now()
    filters = OrderFilters(request.GET)
    page = page_of(_rows(membership.account, filters, now), request.GET.get("page"), size=PAGE_SIZE)
    context = {
        "filters": filters,
        "page": page,
        "rows": [OrderNow(order, now) for order in page.rows],
        "searched_everywhere": not any(request.GET.get(name) for name in ("since", "until", "status")),
        "narrowed": page.previous or any(request.GET.get(name) for name in filters.fields),
    }
    return render(request, "orders/list.html", context)


def _rows(account: Account, filters: OrderFilters, now: datetime) -> OrderQuerySet:
    orders = Order.objects.of(account).select_related("product")
    if not filters.is_valid():
        return orders.none()
    values = filters.cleaned_data
    orders = orders.filter(Interval(values["since"], values["until"]).on("ordered_at", account.tzinfo))
    if values["status"]:
        orders = orders.shown_as(values["status"], now)
    return orders.search(values["q"]) if values["q"] else orders


@require_safe
@member_page
def order_detail(request: HttpRequest, membership: Membership, number: str) -> HttpResponse:
    """Show one order. `?panel=1` returns only its facts, for the panel beside the picker (R30)."""
    template = "orders/_facts.html" if request.GET.get("panel") else "orders/detail.html"
    return render(request, template, {"row": get_order(membership, number)})
