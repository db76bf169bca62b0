"""Services that change orders: payment, cancellation, refund, and cancelling overdue orders."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django_fsm import can_proceed

from accounts.access.actors import Actor
from accounts.models import Account
from billing.ledger import get_balance
from billing.models import LedgerEntry
from common.change_times import ChangeTime
from common.errors import Fault, Refused
from common.future_times import is_future
from common.money import format_amount
from common.transactions import in_transaction
from orders.models import Order, get_status_label
from orders.order_handlers import run_orders_ended_handlers
from orders.webhooks import EventType, publish_order_events


def require_past(times: Mapping[str, datetime | None], *, now: datetime) -> None:
    """Raise Refused `invalid` with a fault for each time that is in the future. `times`: field name → time."""
    faults = [
        Fault("invalid", _("This time is in the future."), f"/{name}")
        for name, at in times.items()
        if at and is_future(at, now=now)
    ]
    if faults:
        raise Refused.because(faults)


def move_order(order: Order, status: str, *, paid_at: datetime | None, at: datetime) -> None:
    """Move a locked order to `status` by its allowed transitions, without saving it.

    An unpaid order that is refunded upstream passes through each step: unpaid → paid → refunded.
    `paid_at`: time of payment (required for paid and refunded). `at`: time of cancellation or refund. Both aware.
    Raises Refused: `transition_not_allowed`, or `payment_deadline_passed` for a payment after the deadline (R10).
    """
    if status == Order.Status.PAID or (status == Order.Status.REFUNDED and order.status != Order.Status.PAID):
        _require_transition(order, can_proceed(order.pay), status)
        _pay(order, at=paid_at or at)
    if status == Order.Status.REFUNDED:
        _require_transition(order, can_proceed(order.refund), status)
        order.refund(at=at)
    elif status == Order.Status.CANCELLED:
        _require_transition(order, can_proceed(order.cancel), status)
        order.cancel(at=at)
    elif status == Order.Status.UNPAID:
        _require_transition(order, False, status)


def _pay(order: Order, *, at: datetime) -> None:
    if at > order.payment_deadline:
        raise _deadline_passed(order)
    order.pay(at=at)


def _deadline_passed(order: Order) -> Refused:
    deadline = order.payment_deadline.astimezone(UTC)
    return Refused(
        "payment_deadline_passed",
        _("Order %(number)s was cancelled at its payment deadline, %(deadline)s UTC.")
        % {"number": order.number, "deadline": f"{deadline:%Y-%m-%d %H:%M}"},
    )


def _require_transition(order: Order, allowed: bool, status: str) -> None:
    if not allowed:
        shown = order.status_on(timezone.now())  # R10
        facts = {"number": order.number, "status": get_status_label(shown), "target": get_status_label(status)}
        if shown == status:
            raise Refused("transition_not_allowed", _("Order %(number)s is already %(status)s.") % facts)
        raise Refused(
            "transition_not_allowed", _("Order %(number)s is %(status)s and cannot become %(target)s.") % facts
        )


@in_transaction
def pay_from_balance(*, order: Order, amount: Decimal | None = None, by: Actor) -> Order:
    """Pay an unpaid order of the actor's account in full from its balance (R33), and return it fresh.

    `amount`: the amount that the payer confirmed, if any. Locks the order, then the account.
    Raises Refused: `transition_not_allowed`, `payment_deadline_passed` (R10), `order_changed` if the payable amount
    differs from `amount`, `insufficient_balance` (also if the balance is in another currency).
    """
    by.require_to_act()
    now = timezone.now()
    order = Order.objects.select_for_update().get(pk=order.pk, account=by.own_account)
    _require_transition(order, can_proceed(order.pay), Order.Status.PAID)
    if order.lapsed(now):  # unlike a reported payment, a new payment at the deadline is too late
        raise _deadline_passed(order)
    order.pay(at=now)
    if amount not in (None, order.payable_amount):
        raise Refused(
            "order_changed",
            _("The amount of order %(number)s has changed to %(amount)s. Check it, then pay again.")
            % {"number": order.number, "amount": format_amount(order.payable_amount, order.currency)},
        )
    account = Account.objects.select_for_update().get(pk=order.account_id)
    if account.currency != order.currency or get_balance(account) < order.payable_amount:
        raise Refused(
            "insufficient_balance",
            _("The balance, %(balance)s, does not cover %(amount)s.")
            % {
                "balance": format_amount(get_balance(account), account.currency),
                "amount": format_amount(order.payable_amount, order.currency),
            },
        )
    if order.payable_amount:
        LedgerEntry.objects.create(
            account=account,
            amount=-order.payable_amount,
            order_number=order.number,
            booked_by_id=by.user_id,
            booked_at=now,
        )
    order.save()
    publish_order_events({order.pk: EventType.ORDER_PAID}, send_now=True)
    return order


@in_transaction
def record_payment(*, order: Order, paid_at: datetime, by: Actor) -> Order:
    """Record that an order of any account was paid in full at `paid_at` (aware, R33), and return it fresh.

    A payment made in time revives an order that was cancelled at its deadline (R10). Idempotent.
    Raises Refused: `invalid` for a time before the order or in the future, `transition_not_allowed`,
    `payment_deadline_passed`.
    """
    by.require_to_act()
    now = timezone.now()
    order = Order.objects.select_for_update().get(pk=order.pk)
    if order.status == Order.Status.PAID and order.paid_at == paid_at:
        return order
    if paid_at < order.ordered_at:
        raise Refused("invalid", _("The payment time is before the order time."), pointer="/paid_at")
    require_past({"paid_at": paid_at}, now=now)
    move_order(order, Order.Status.PAID, paid_at=paid_at, at=now)
    order.save()
    publish_order_events({order.pk: EventType.ORDER_PAID}, send_now=True)
    return order


@in_transaction
def cancel_unpaid(*, order: Order, by: Actor) -> Order:
    """Cancel an unpaid order of the actor's account, or any for an integrator, and return it fresh.

    A payment request contract with this order becomes invalid in the same transaction (R20).
    Raises Refused `transition_not_allowed`.
    """
    by.require_to_act()
    now = timezone.now()
    order = Order.objects.of(by.account).select_for_update().get(pk=order.pk)
    _require_transition(order, order.status_on(now) == Order.Status.UNPAID, Order.Status.CANCELLED)
    order.cancel(at=now)
    order.save()
    publish_order_events({order.pk: EventType.ORDER_CANCELLED}, send_now=True)
    run_orders_ended_handlers([order.pk], now=now)
    return order


@in_transaction
def cancel_overdue_orders(*, now: datetime, batch: int = 1000) -> int:
    """Cancel up to `batch` unpaid orders past their payment deadline, as of the deadline (R10). Returns their number.

    Safe to run repeatedly and concurrently: rows locked by another run are skipped.
    """
    overdue = Order.objects.past_deadline(now).select_for_update(skip_locked=True).order_by("payment_deadline")
    ids = list(overdue.values_list("pk", flat=True)[:batch])
    cancelled = Order.objects.filter(pk__in=ids)
    cancelled.update(status=Order.Status.CANCELLED, cancelled_at=F("payment_deadline"), updated_at=ChangeTime())
    publish_order_events(dict.fromkeys(ids, EventType.ORDER_CANCELLED))
    return len(ids)
