"""A reader of changes does not go past one that is still to become visible."""

import threading
from contextlib import contextmanager

import pytest
from django.db import connections, transaction

from common.change_times import find_change_horizon
from orders.models import Order
from tests.factories import OrderFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


def change(order: Order) -> None:
    Order.objects.get(pk=order.pk).save()


def readable() -> list[str]:
    horizon = find_change_horizon()
    changed = Order.objects.filter(updated_at__lt=horizon).order_by("updated_at", "pk")
    return list(changed.values_list("number", flat=True))


@contextmanager
def being_changed(order: Order):
    """Another connection has changed the order and commits at the end of the block."""
    changed, end = threading.Event(), threading.Event()

    def run() -> None:
        try:
            with transaction.atomic():
                change(order)
                changed.set()
                assert end.wait(60)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert changed.wait(60)
        yield
    finally:
        end.set()
        thread.join()


def test_later_changes_wait_for_an_earlier_one_that_is_not_committed():
    slow, quick = OrderFactory(number="SLOW"), OrderFactory(number="QUICK")
    with being_changed(slow):
        change(quick)
        assert "QUICK" not in readable()
    assert readable() == ["SLOW", "QUICK"]


def test_readers_do_not_wait_for_each_other():
    order = OrderFactory(number="READ")
    with being_changed(OrderFactory(number="SLOW")):
        before = find_change_horizon()
        assert find_change_horizon() == before
    assert order.number in readable()


def test_a_change_that_is_rolled_back_holds_up_nobody():
    order = OrderFactory(number="KEPT")
    with transaction.atomic():
        change(order)
        transaction.set_rollback(True)
    assert readable() == ["KEPT"]


def test_a_transaction_sees_its_own_changes():
    with transaction.atomic():
        OrderFactory(number="OWN")
        assert readable() == ["OWN"]
