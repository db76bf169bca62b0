"""What webhooks are given to say of orders."""

from collections.abc import Sequence

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.money import plain_amount
from orders.models import Order
from webhooks.events import Event, announce, listeners, time_of


class EventType(models.TextChoices):
    """Event types of orders."""

    ORDER_CANCELLED = "order.cancelled", _("Order cancelled")


def tell_cancelled(orders: Sequence[Order], *, soon: bool = False) -> None:
    """Tell the accounts' endpoints that these orders are cancelled, in the transaction that saved it.

    `orders` need no more than `pk` and `account_id`, so that those of an account without endpoints, nearly all, cost
    nothing to read: one statement for all of them. `soon` where a person waits for it.
    """
    to = listeners({order.account_id for order in orders}) if orders else {}
    heard = [order.pk for order in orders if order.account_id in to]
    if heard:
        announce([_cancelled(order) for order in Order.objects.filter(pk__in=heard).order_by("pk")], to, soon=soon)


def _cancelled(order: Order) -> Event:
    at = order.cancelled_at or order.payment_deadline
    data = {
        "number": order.number,
        "status": order.status,
        "currency": order.currency,
        "payable_amount": plain_amount(order.payable_amount, order.currency),
        "ordered_at": time_of(order.ordered_at),
        "payment_deadline": time_of(order.payment_deadline),
        "paid_at": time_of(order.paid_at),
        "cancelled_at": time_of(at),
    }
    return Event(order.account_id, EventType.ORDER_CANCELLED, order.number, at, {"order": data})
