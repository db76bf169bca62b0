"""The one way in which pages get at an order (R26)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.models import Membership
from orders.models import Order

SOON = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OrderNow:
    """An order with what it is at this moment, whatever the clock has done (R10)."""

    order: Order
    now: datetime

    @property
    def status(self) -> Order.Status:
        return Order.Status(self.order.status_on(self.now))

    @property
    def unpaid(self) -> bool:
        return self.status == Order.Status.UNPAID

    @property
    def due_soon(self) -> bool:
        return self.unpaid and self.order.payment_deadline - self.now < SOON

    @property
    def lapsed(self) -> bool:
        return self.order.lapsed(self.now)


def found(membership: Membership, number: str) -> OrderNow:
    """The account's order as it is now. Raises Http404 for any other (R26)."""
    orders = Order.objects.of(membership.account).select_related("product")
    return OrderNow(get_object_or_404(orders, number=number), timezone.now())
