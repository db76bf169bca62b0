"""My program is told when an order is cancelled, whoever cancels it, and once."""

import json

import pytest

from orders.models import Order
from orders.services import cancel_overdue_orders
from tests.factories import AccountFactory, OrderFactory
from tests.orders.sheets import PAID, UNPAID, run, sheet
from tests.webhooks.receiving import deliveries, endpoint_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def account():
    account = AccountFactory(number="10000001")
    endpoint_of(account)
    return account


def told():
    return [(delivery.type, delivery.subject) for delivery in deliveries()]


@pytest.mark.parametrize("before", [UNPAID, PAID], ids=["unpaid", "paid"])
def test_an_import_tells_of_what_it_cancels(account, tmp_path, before):
    other = UNPAID | {"number": "FO100000002"}
    run(sheet(tmp_path, before, other))
    assert told() == []
    cancelled = before | {"status": "cancelled"}

    run(sheet(tmp_path, cancelled, other))
    run(sheet(tmp_path, cancelled, other))
    run(sheet(tmp_path, cancelled | {"region": "corrected since"}, other))

    assert told() == [("order.cancelled", "FO100000001")]
    assert json.loads(deliveries()[0].body)["data"]["order"]["status"] == "cancelled"


def test_an_order_that_comes_cancelled_is_no_news(account, tmp_path):
    run(sheet(tmp_path, UNPAID | {"status": "cancelled"}))
    assert Order.objects.get().status == "cancelled"
    assert told() == []


@pytest.mark.rule("R10")
def test_the_clock_tells_of_those_that_were_not_paid_in_time_in_as_many_statements_as_for_one(
    account, clock, django_assert_max_num_queries
):
    orders = [OrderFactory(account=account) for _ in range(3)] + [OrderFactory()]
    clock.move_to(max(order.payment_deadline for order in orders))
    with django_assert_max_num_queries(8):
        cancel_overdue_orders(now=max(order.payment_deadline for order in orders))
    assert told() == [("order.cancelled", order.number) for order in orders[:3]]
