"""The writes of orders: payment, cancellation, refund, and the clock's part."""

from datetime import UTC, datetime

from django.db import transaction
from django_fsm import can_proceed

from billing.errors import Refused
from orders.models import Order


def move_order(order: Order, status: str, *, paid_at: datetime | None, at: datetime) -> None:
    """Take a locked order to `status` by its allowed transitions, and not save it.

    An order that is further along upstream takes each step on the way: unpaid → paid → refunded.
    `paid_at` is when it was paid (needed for paid and refunded), `at` when it was cancelled or refunded; both aware.
    Raises Refused: `transition_not_allowed`, or `payment_deadline_passed` for a payment after the deadline (R10).
    """
    if status == Order.Status.PAID or (status == Order.Status.REFUNDED and order.status != Order.Status.PAID):
        _check(order, can_proceed(order.pay), status)
        _pay(order, at=paid_at or at)
    if status == Order.Status.REFUNDED:
        _check(order, can_proceed(order.refund), status)
        order.refund(at=at)
    elif status == Order.Status.CANCELLED:
        _check(order, can_proceed(order.cancel), status)
        order.cancel(at=at)
    elif status == Order.Status.UNPAID:
        _check(order, False, status)


def _pay(order: Order, *, at: datetime) -> None:
    if at > order.payment_deadline:
        deadline = order.payment_deadline.astimezone(UTC)
        raise Refused(
            "payment_deadline_passed",
            f"Order {order.number} was cancelled at its payment deadline, {deadline:%Y-%m-%d %H:%M} UTC.",
        )
    order.pay(at=at)


def _check(order: Order, allowed: bool, status: str) -> None:
    if not allowed:
        raise Refused("transition_not_allowed", f"Order {order.number} is {order.status} and cannot become {status}.")


@transaction.atomic
def cancel_overdue_orders(*, now: datetime, batch: int = 1000) -> int:
    """Cancel up to `batch` unpaid orders whose payment deadline has passed (R10); the instant is the deadline's.

    Safe to run twice and at once: rows that another run holds are left to it. Returns how many it cancelled.
    """
    overdue = Order.objects.past_deadline(now).select_for_update(skip_locked=True).order_by("pk")[:batch]
    orders = list(overdue)
    for order in orders:
        order.cancel(at=order.payment_deadline)
    Order.objects.bulk_update(orders, ["status", "cancelled_at"], batch_size=200)
    return len(orders)
