"""Fetch an order for a page, restricted to the member's account (R26)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.models import Membership
from orders.facts import FACTS, Type
from orders.models import Order

DUE_SOON_PERIOD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OrderNow:
    """An order with its current status, even if the scheduler has not cancelled it yet (R10)."""

    order: Order
    now: datetime

    @property
    def status(self) -> Order.Status:
        return Order.Status(self.order.status_on(self.now))

    @property
    def texts(self) -> list[tuple[str, str]]:
        """Return label and text of each text fact that the order has. The unit is shown with the quantity."""
        facts = [fact for fact in FACTS if fact.type is Type.TEXT and fact.name != "unit"]
        texts = [(fact.field.verbose_name, getattr(self.order, fact.name)) for fact in facts]
        return [(str(label), text) for label, text in texts if text]

    @property
    def unpaid(self) -> bool:
        return self.status == Order.Status.UNPAID

    @property
    def due_soon(self) -> bool:
        return self.unpaid and self.order.payment_deadline - self.now < DUE_SOON_PERIOD

    @property
    def lapsed(self) -> bool:
        return self.order.lapsed(self.now)


def get_order(membership: Membership, number: str) -> OrderNow:
    """Return the account's order. Raises Http404 for any other (R26)."""
    orders = Order.objects.of(membership.account).select_related("product")
    return OrderNow(get_object_or_404(orders, number=number), timezone.now())
