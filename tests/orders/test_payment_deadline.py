"""The payment deadline: order time + 7 days, and after it an unpaid order is cancelled (R10)."""

import threading
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.utils import timezone

from common.errors import Refused
from orders.models import Order
from orders.services import cancel_overdue_orders, move_order
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R10"), pytest.mark.usefixtures("clock")]
ORDERED_AT = datetime.fromisoformat("2026-11-15T12:00:00+08:00")
DEADLINE = datetime.fromisoformat("2026-11-22T12:00:00+08:00")
A_MOMENT = timedelta(microseconds=1)


@pytest.fixture
def order() -> Order:
    return factories.OrderFactory(ordered_at=ORDERED_AT)


def test_the_deadline_is_seven_days_after_ordering(order):
    assert order.payment_deadline == DEADLINE


@pytest.mark.parametrize(
    ("at", "status", "unpaid"),
    [
        (DEADLINE - A_MOMENT, "unpaid", "1080.50"),
        (DEADLINE, "cancelled", "0"),
        (DEADLINE + A_MOMENT, "cancelled", "0"),
    ],
)
def test_the_status_is_right_whatever_the_clock_has_done(order, at, status, unpaid):
    assert order.status_on(at) == status
    assert order.unpaid_on(at) == Decimal(unpaid)
    assert order.lapsed(at) == (status == "cancelled")
    assert Order.objects.with_status_at(at).get().status_at == status
    assert Order.objects.past_deadline(at).exists() == (status == "cancelled")


@pytest.mark.parametrize("status", ["paid", "cancelled", "refunded"])
def test_only_unpaid_orders_have_a_deadline_to_miss(order, status):
    move_order(order, status, paid_at=ORDERED_AT, at=ORDERED_AT)
    order.save()
    later = DEADLINE + timedelta(days=30)
    assert (order.status_on(later), order.lapsed(later)) == (status, False)
    assert cancel_overdue_orders(now=later) == 0


def test_the_clock_cancels_at_the_deadline_and_not_before(order):
    assert cancel_overdue_orders(now=DEADLINE - A_MOMENT) == 0
    assert cancel_overdue_orders(now=DEADLINE + timedelta(hours=3)) == 1
    order = Order.objects.get()
    assert (order.status, order.cancelled_at) == ("cancelled", DEADLINE)  # not when the clock came round
    assert order.lapsed(DEADLINE)


def test_the_clock_may_run_twice_and_works_in_batches(order):
    factories.OrderFactory.create_batch(4, ordered_at=ORDERED_AT)
    factories.OrderFactory()
    assert [cancel_overdue_orders(now=DEADLINE, batch=3) for _ in range(3)] == [3, 2, 0]
    assert Order.objects.filter(status="unpaid").count() == 1


def test_a_payment_at_the_deadline_is_in_time_and_one_after_it_is_not(order):
    with pytest.raises(Refused) as refused:
        move_order(order, "paid", paid_at=DEADLINE + A_MOMENT, at=DEADLINE + A_MOMENT)
    assert refused.value.code == "payment_deadline_passed"
    assert "2026-11-22 04:00 UTC" in refused.value.detail
    assert order.status == "unpaid"
    move_order(order, "paid", paid_at=DEADLINE, at=DEADLINE)
    assert (order.status, order.paid_at) == ("paid", DEADLINE)


def test_a_payment_in_time_that_was_told_late_undoes_the_clock_alone(order):
    cancel_overdue_orders(now=DEADLINE)
    order = Order.objects.get()
    move_order(order, "paid", paid_at=DEADLINE - A_MOMENT, at=DEADLINE)
    order.save()
    order = Order.objects.get()
    assert (order.status, order.paid_at, order.cancelled_at) == ("paid", DEADLINE - A_MOMENT, None)


def test_a_payment_does_not_undo_a_cancellation_by_the_customer(order):
    move_order(order, "cancelled", paid_at=None, at=DEADLINE - timedelta(days=1))
    with pytest.raises(Refused) as refused:
        move_order(order, "paid", paid_at=ORDERED_AT, at=DEADLINE)
    assert refused.value.code == "transition_not_allowed"


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_the_clock_leaves_an_order_that_someone_is_paying():
    order = factories.OrderFactory(ordered_at=ORDERED_AT)
    cancelled = []

    def sweep() -> None:
        cancelled.append(cancel_overdue_orders(now=timezone.now()))
        connection.close()

    with transaction.atomic():
        Order.objects.select_for_update().get(pk=order.pk)
        clock = threading.Thread(target=sweep)
        clock.start()
        clock.join(10)
        assert cancelled == [0]
    assert cancel_overdue_orders(now=timezone.now()) == 1
