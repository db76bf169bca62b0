"""Webhook events of orders."""

from collections.abc import Collection

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.money import plain_amount
from orders.models import Order
from webhooks.events import Event, format_utc_time, publish_events


class EventType(models.TextChoices):
    """Event types of orders."""

    ORDER_CANCELLED = "order.cancelled", _("Order cancelled")


FIELDS = (
    *("number", "account__number", "status", "currency", "payable_amount", "ordered_at", "payment_deadline"),
    *("paid_at", "cancelled_at"),
)


def publish_cancelled(order_ids: Collection[int], *, send_now: bool = False) -> None:
    """Publish the cancellation of orders, in the transaction that cancelled them.

    `send_now`: see `publish_events`; set it when a person is waiting.
    """
    if order_ids:
        orders = Order.objects.filter(pk__in=order_ids).select_related("account").only(*FIELDS).order_by("pk")
        publish_events([_build_event(order) for order in orders], send_now=send_now)


def _build_event(order: Order) -> Event:
    at = order.cancelled_at or order.payment_deadline
    data = {
        "number": order.number,
        "status": order.status,
        "currency": order.currency,
        "payable_amount": plain_amount(order.payable_amount, order.currency),
        "ordered_at": format_utc_time(order.ordered_at),
        "payment_deadline": format_utc_time(order.payment_deadline),
        "paid_at": format_utc_time(order.paid_at),
        "cancelled_at": format_utc_time(at),
    }
    return Event(order.account, EventType.ORDER_CANCELLED, order.number, at, {"order": data})
