"""Webhook events of orders."""

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.money import plain_amount
from orders.models import Order
from webhooks.events import Event, format_utc_time, publish_events


class EventType(models.TextChoices):
    """Event types of orders."""

    ORDER_PAID = "order.paid", _("Order paid")
    ORDER_CANCELLED = "order.cancelled", _("Order cancelled")
    ORDER_REFUNDED = "order.refunded", _("Order refunded")


EVENT_OF_STATUS = {
    Order.Status.PAID: EventType.ORDER_PAID,
    Order.Status.CANCELLED: EventType.ORDER_CANCELLED,
    Order.Status.REFUNDED: EventType.ORDER_REFUNDED,
}
TIMES = ("ordered_at", "payment_deadline", "paid_at", "cancelled_at", "refunded_at")
FIELDS = ("number", "account__number", "account__is_test", "status", "currency", "payable_amount", *TIMES)


def publish_order_events(types: Mapping[int, EventType], *, send_now: bool = False) -> None:
    """Publish what became of orders, in the transaction that changed them. `types`: order id → event type.

    `send_now`: see `publish_events`; set it when a person is waiting.
    """
    if types:
        orders = Order.objects.filter(pk__in=types).select_related("account").only(*FIELDS).order_by("pk")
        publish_events([_build_event(order, types[order.pk]) for order in orders], send_now=send_now)


def _build_event(order: Order, event_type: EventType) -> Event:
    happened = {
        EventType.ORDER_PAID: order.paid_at,
        EventType.ORDER_CANCELLED: order.cancelled_at,
        EventType.ORDER_REFUNDED: order.refunded_at,
    }
    at = happened[event_type] or order.payment_deadline  # for mypy: the database requires the first
    return Event(order.account, event_type, order.number, at, {"order": order_payload(order)})


def order_payload(order: Order) -> dict[str, Any]:
    """Return the order as events show it."""
    return {
        "number": order.number,
        "status": order.status,
        "currency": order.currency,
        "payable_amount": plain_amount(order.payable_amount, order.currency),
        **{name: format_utc_time(getattr(order, name)) for name in TIMES},
    }
