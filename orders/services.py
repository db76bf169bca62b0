"""The writes of orders: payment, cancellation, refund, and the clock's part."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django_fsm import can_proceed

from accounts.access.actors import Actor
from accounts.models import Account
from billing.ledger import balance_of
from billing.models import LedgerEntry
from common.errors import Fault, Refused
from common.future_times import is_future
from common.money import format_amount
from common.transactions import in_transaction
from orders.ending import orders_ended
from orders.models import Order, status_in_words
from orders.webhooks import tell_cancelled


def require_past(times: Mapping[str, datetime | None], *, now: datetime) -> None:
    """Raise Refused `invalid` with a fault for each of the times, by name, that is in the future."""
    faults = [
        Fault("invalid", _("This time is in the future."), f"/{name}")
        for name, at in times.items()
        if at and is_future(at, now=now)
    ]
    if faults:
        raise Refused.because(faults)


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
        raise _too_late(order)
    order.pay(at=at)


def _too_late(order: Order) -> Refused:
    deadline = order.payment_deadline.astimezone(UTC)
    return Refused(
        "payment_deadline_passed",
        _("Order %(number)s was cancelled at its payment deadline, %(deadline)s UTC.")
        % {"number": order.number, "deadline": f"{deadline:%Y-%m-%d %H:%M}"},
    )


def _check(order: Order, allowed: bool, status: str) -> None:
    if not allowed:
        shown = order.status_on(timezone.now())  # R10
        facts = {"number": order.number, "status": status_in_words(shown), "target": status_in_words(status)}
        if shown == status:
            raise Refused("transition_not_allowed", _("Order %(number)s is %(status)s already.") % facts)
        raise Refused(
            "transition_not_allowed", _("Order %(number)s is %(status)s and cannot become %(target)s.") % facts
        )


@in_transaction
def pay_from_balance(*, order: Order, amount: Decimal | None = None, by: Actor) -> Order:
    """Pay an unpaid order of the actor's account in full from its balance (R33); returns it read anew.

    `amount` is what the payer agreed to, where somebody was asked. Locks the order, then the account, whose ledger it
    books in. Raises Refused: `transition_not_allowed`, `payment_deadline_passed` (R10), `order_changed` when the order
    asks for another amount by now, `insufficient_balance`, which also stands for a balance in another currency.
    """
    by.require_to_act()
    now = timezone.now()
    order = _locked(order, by)
    _check(order, can_proceed(order.pay), Order.Status.PAID)
    if order.lapsed(now):  # a payment that reached us at the deadline was in time, one that begins then is not
        raise _too_late(order)
    order.pay(at=now)
    if amount not in (None, order.payable_amount):
        raise Refused(
            "order_changed",
            _("The amount of order %(number)s has changed to %(amount)s meanwhile. Check it, then pay again.")
            % {"number": order.number, "amount": format_amount(order.payable_amount, order.currency)},
        )
    account = Account.objects.select_for_update().get(pk=order.account_id)
    if account.currency != order.currency or balance_of(account) < order.payable_amount:
        raise Refused(
            "insufficient_balance",
            _("The balance, %(balance)s, does not cover %(amount)s.")
            % {
                "balance": format_amount(balance_of(account), account.currency),
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
    return order


@in_transaction
def record_payment(*, order: Order, paid_at: datetime, by: Actor) -> Order:
    """Take down that an order, of any account, was paid in full at `paid_at` (aware, R33); returns it read anew.

    What was paid in time revives an order that the clock cancelled at its deadline (R10). The same payment sent again
    changes nothing. Raises Refused: `invalid` for a time before the order or in the future, `transition_not_allowed`,
    `payment_deadline_passed`.
    """
    by.require_to_act()
    now = timezone.now()
    order = Order.objects.select_for_update().get(pk=order.pk)
    if order.status == Order.Status.PAID and order.paid_at == paid_at:
        return order
    if paid_at < order.ordered_at:
        raise Refused("invalid", _("Paid before it was ordered."), pointer="/paid_at")
    require_past({"paid_at": paid_at}, now=now)
    move_order(order, Order.Status.PAID, paid_at=paid_at, at=now)
    order.save()
    return order


@in_transaction
def cancel_unpaid(*, order: Order, by: Actor) -> Order:
    """Cancel an order that the actor's account has not paid; returns it read anew.

    A payment request contract that holds it becomes invalid in the same transaction (R20).
    Raises Refused `transition_not_allowed`.
    """
    by.require_to_act()
    now = timezone.now()
    order = _locked(order, by)
    _check(order, order.status_on(now) == Order.Status.UNPAID, Order.Status.CANCELLED)
    order.cancel(at=now)
    order.save()
    tell_cancelled([order], soon=True)
    orders_ended([order.pk], now=now)
    return order


def _locked(order: Order, by: Actor) -> Order:
    """The actor's order, locked and read anew. Raises Order.DoesNotExist for another account's (R26)."""
    return Order.objects.select_for_update().get(pk=order.pk, account=by.own_account)


@in_transaction
def cancel_overdue_orders(*, now: datetime, batch: int = 1000) -> int:
    """Cancel up to `batch` unpaid orders whose payment deadline has passed (R10); the instant is the deadline's.

    Safe to run twice and at once: rows that another run holds are left to it. Returns how many it cancelled.
    """
    overdue = Order.objects.past_deadline(now).select_for_update(skip_locked=True).order_by("payment_deadline")
    orders = list(overdue.only("account_id", "status", "payment_deadline", "paid_at", "cancelled_at")[:batch])
    for order in orders:
        order.cancel(at=order.payment_deadline)
    cancelled = Order.objects.filter(pk__in=[order.pk for order in orders])
    cancelled.update(status=Order.Status.CANCELLED, cancelled_at=F("payment_deadline"))
    tell_cancelled(orders)
    return len(orders)
