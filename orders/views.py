"""The account's orders: the list, one order, and how to pay it."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from billing.gate import member_page
from billing.models import Account, Issuer, Membership
from billing.paging import page_of
from billing.remittance import remittance_of
from orders.models import Order

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class OrderNow:
    """An order with the status that it has at this moment, whatever the clock has done (R10)."""

    order: Order
    now: datetime

    @property
    def status(self) -> Order.Status:
        return Order.Status(self.order.status_on(self.now))

    @property
    def unpaid(self) -> bool:
        return self.status == Order.Status.UNPAID


@require_GET
@member_page
def order_list(request: HttpRequest, membership: Membership) -> HttpResponse:
    """All orders, newest first; by status, product or number."""
    now = timezone.now()
    orders = Order.objects.of(membership.account).with_status_at(now).select_related("product")
    status, text = request.GET.get("status", ""), request.GET.get("q", "").strip()
    if status in Order.Status:
        orders = orders.filter(status_at=status)  # type: ignore[misc]  # annotated
    if text:
        orders = orders.filter(Q(number__iexact=text) | Q(product__name__icontains=text))
    page = page_of(orders, request.GET.get("page"), size=PAGE_SIZE)
    context = {
        "page": page,
        "rows": [OrderNow(order, now) for order in page.rows],
        "statuses": Order.Status.choices,
        "status": status,
        "q": text,
    }
    return render(request, "orders/list.html", context)


@require_GET
@member_page
def order_detail(request: HttpRequest, membership: Membership, number: str) -> HttpResponse:
    """One order. `?panel=1` gives its facts alone, for showing beside the picker (R30)."""
    template = "orders/_facts.html" if request.GET.get("panel") else "orders/detail.html"
    return render(request, template, {"row": _found(membership, number)})


@require_GET
@member_page
def order_pay(request: HttpRequest, membership: Membership, number: str) -> HttpResponse:
    """The order payment page: what to pay, until when, to whom; it offers a payment request contract alone (R25)."""
    account = Account.objects.select_related("remittance_account").get(pk=membership.account.pk)
    issuer = Issuer.objects.order_by("pk").last()
    context = {
        "row": _found(membership, number),
        "remittance": remittance_of(account, issuer) if issuer else None,
    }
    return render(request, "orders/pay.html", context)


def _found(membership: Membership, number: str) -> OrderNow:
    """The account's order as it is now. Raises Http404 for any other (R26)."""
    orders = Order.objects.of(membership.account).select_related("product")
    return OrderNow(get_object_or_404(orders, number=number), timezone.now())
