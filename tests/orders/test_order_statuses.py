"""An order's statuses, the moves between them, and what the database itself refuses."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError
from django.utils import timezone
from django_fsm import TransitionNotAllowed

from common.errors import Refused
from orders.models import Order
from orders.services import move_order
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
ALL = Order.Status.values
ALLOWED = {("unpaid", "paid"), ("unpaid", "cancelled"), ("paid", "cancelled"), ("paid", "refunded")}
BY_WAY_OF_PAYMENT = {("unpaid", "refunded")}


def order_that_is(status: str) -> Order:
    order = factories.OrderFactory()
    if status != "unpaid":
        move_order(order, status, paid_at=order.ordered_at, at=timezone.now())
        order.save()
    return order


@pytest.mark.parametrize("before", ALL)
@pytest.mark.parametrize("after", ALL)
def test_a_status_moves_as_allowed_and_not_otherwise(before, after):
    order = order_that_is(before)
    if (before, after) in ALLOWED | BY_WAY_OF_PAYMENT:
        move_order(order, after, paid_at=order.ordered_at, at=timezone.now())
        order.save()
        assert Order.objects.get().status == after
        return
    with pytest.raises(Refused) as refused:
        move_order(order, after, paid_at=order.ordered_at, at=timezone.now())
    assert refused.value.code == "transition_not_allowed"
    said = f"already {before}" if before == after else f"{before} and cannot become {after}"
    assert refused.value.detail == f"Order {order.number} is {said}."
    assert order.status == before


def test_moving_does_not_save():
    order = order_that_is("unpaid")
    move_order(order, "paid", paid_at=timezone.now(), at=timezone.now())
    assert Order.objects.get().status == "unpaid"


def test_a_status_cannot_be_set_past_the_transitions():
    order = order_that_is("unpaid")
    with pytest.raises(AttributeError):
        order.status = "paid"
    with pytest.raises(TransitionNotAllowed):
        order.refund(at=timezone.now())


def test_a_refund_keeps_the_time_of_payment():
    order = order_that_is("refunded")
    assert (order.paid_at, order.refunded_at) == (order.ordered_at, timezone.now())


@pytest.mark.rule("R33")
@pytest.mark.parametrize(
    ("status", "unpaid"), [("unpaid", "1080.50"), ("paid", "0"), ("cancelled", "0"), ("refunded", "0")]
)
def test_an_order_is_paid_in_full_or_not_at_all(status, unpaid):
    assert order_that_is(status).unpaid_on(timezone.now()) == Decimal(unpaid)


@pytest.mark.parametrize(
    "wrong",
    [
        {"list_amount": Decimal("1080.49")},
        {"payable_amount": Decimal("-0.01")},
        {"quantity": 0},
        {"paid_at": timezone.now},
        {"status": "paid"},
        {"status": "refunded", "paid_at": timezone.now},
        {"status": "refunded", "refunded_at": timezone.now},
        {"status": "cancelled"},
        {"status": "paid", "paid_at": timezone.now, "cancelled_at": timezone.now},
        {"status": "lost"},
        {
            "service_start": lambda: timezone.now() + timedelta(days=1),
            "service_end": timezone.now,
        },
    ],
    ids="-".join,
)
def test_the_database_refuses_what_cannot_be(wrong):
    fields = {name: value() if callable(value) else value for name, value in wrong.items()}
    with pytest.raises(IntegrityError):
        factories.OrderFactory(**fields)


def test_the_database_refuses_a_second_order_of_a_number():
    order = factories.OrderFactory()
    with pytest.raises(IntegrityError):
        factories.OrderFactory(number=order.number)
