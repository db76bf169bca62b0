"""Webhook events of orders."""

from collections.abc import Sequence

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.money import plain_amount
from orders.models import Order
from webhooks.events import Event, create_deliveries, find_endpoints_by_account, format_utc_time


class EventType(models.TextChoices):
    """Event types of orders."""

    ORDER_CANCELLED = "order.cancelled", _("Order cancelled")


def create_cancelled_events(orders: Sequence[Order], *, send_now: bool = False) -> None:
    """Create webhook events for cancelled orders, in the transaction that cancelled them.

    `orders` only need `pk` and `account_id`: the full rows are loaded only for accounts with endpoints, which are few.
    `send_now`: see `create_deliveries`; set it when a person is waiting.
    """
    endpoints = find_endpoints_by_account({order.account_id for order in orders}) if orders else {}
    ids = [order.pk for order in orders if order.account_id in endpoints]
    if ids:
        create_deliveries(
            [_build_event(order) for order in Order.objects.filter(pk__in=ids).order_by("pk")],
            endpoints,
            send_now=send_now,
        )


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
    return Event(order.account_id, EventType.ORDER_CANCELLED, order.number, at, {"order": data})
