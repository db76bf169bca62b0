"""The API's list of orders: which may enter a contract, why the others may not, and the filters."""

from datetime import timedelta

import pytest

from tests.api.conformance import problem
from tests.factories import OrderFactory, PaidOrderFactory, ProductFactory

pytestmark = pytest.mark.django_db


@pytest.mark.rule("R8")
def test_orders_tell_whether_they_may_be_picked_and_why_not(api, account):
    free, held = PaidOrderFactory(account=account), PaidOrderFactory(account=account)
    barred = PaidOrderFactory(account=account, product=ProductFactory(supports_contracts=False))
    OrderFactory(account=account)  # unpaid: no row for an order contract
    holder = api.apply("order", held).json()["number"]
    rows = {row["number"]: row for row in api.get("orders/", {"eligible_for": "order"}).json()["results"]}
    assert set(rows) == {free.number, held.number, barred.number}
    assert (rows[free.number]["eligible"], rows[free.number]["reason"]) == (True, None)
    assert rows[barred.number]["reason"]["code"] == "product_not_supported"
    reason = rows[held.number]["reason"]
    assert (reason["code"], reason["contract"]) == ("order_in_live_contract", holder)


@pytest.mark.rule("R9")
def test_orders_are_filtered_by_day_of_payment_or_of_ordering(api, account, clock):
    paid = PaidOrderFactory(account=account)  # ordered 11:00, paid 11:30 on the 22nd in Shanghai
    paid.ordered_at -= timedelta(days=2)
    paid.save()
    day = {"from": "2026-11-22", "to": "2026-11-22"}
    assert len(api.get("orders/", {"eligible_for": "order", **day}).json()["results"]) == 1
    assert api.get("orders/", day).json()["results"] == []
    body = problem(api.get("orders/", {"from": "22.11.2026"}), 400, "invalid")
    assert body["errors"][0]["pointer"] == "/from"
    problem(api.get("orders/", {"eligible_for": "rental"}), 400, "invalid")


@pytest.mark.rule("R10")
def test_an_overdue_order_is_cancelled_to_everyone_before_the_clock_comes(api, account, clock):
    order = OrderFactory(account=account)
    clock.move_to(order.payment_deadline)
    row = api.get(f"orders/{order.number}/").json()
    assert (row["status"], row["unpaid_amount"]) == ("cancelled", "0.00")
    assert api.get("orders/", {"eligible_for": "payment_request"}).json()["results"] == []
    assert len(api.get("orders/", {"status": "cancelled"}).json()["results"]) == 1
