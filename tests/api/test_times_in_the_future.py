"""No order and no payment is dated in the future, whichever way it comes in; clocks may differ by five minutes."""

from contextlib import nullcontext
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError

from billing.bank_statements import read_statement
from billing.remittances import book_remittance
from common.errors import Refused
from orders.models import Order
from tests.api.conformance import problem
from tests.api.test_feeding_orders import put
from tests.billing.bookkeeping import clerk
from tests.factories import AccountFactory, OrderFactory, RemittanceAccountFactory
from tests.orders.sheets import PAID, run, sheet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "issuer")]
NOW = datetime.fromisoformat("2026-11-22T12:00:00+08:00")
WITHIN, BEYOND = (NOW + timedelta(minutes=5)).isoformat(), (NOW + timedelta(minutes=5, seconds=1)).isoformat()
NEXT_YEAR = "2027-11-22T12:00:00+08:00"


def paid(order_json, ordered_at: str, paid_at: str) -> dict:
    return order_json | {"status": "paid", "ordered_at": ordered_at, "paid_at": paid_at}


@pytest.mark.parametrize("future", [BEYOND, NEXT_YEAR])
def test_put_and_import(integrator, order_json, future):
    for times, pointers in (
        ((future, future), ["/ordered_at", "/paid_at"]),
        ((order_json["ordered_at"], future), ["/paid_at"]),
    ):
        body = problem(put(integrator, "orders/FO700000001/", paid(order_json, *times)), 400, "invalid")
        assert [error["pointer"] for error in body["errors"]] == pointers
        [result] = integrator.post("orders/import/", {"orders": [paid(order_json, *times)]}).json()["results"]
        assert [error["pointer"] for error in result["errors"]] == [f"/orders/0{pointer}" for pointer in pointers]
    unpaid = order_json | {"ordered_at": future}
    problem(put(integrator, "orders/FO700000001/", unpaid), 400, "invalid")
    assert not Order.objects.exists()


def test_a_clock_that_is_a_little_ahead_is_tolerated(integrator, order_json, membership):
    assert put(integrator, "orders/FO700000001/", paid(order_json, WITHIN, WITHIN)).status_code == 201
    order = OrderFactory(account=membership.account)
    assert integrator.post(f"orders/{order.number}/pay/", {"paid_at": WITHIN}).json()["status"] == "paid"


def test_pay(integrator, membership):
    order = OrderFactory(account=membership.account)
    for future in (BEYOND, NEXT_YEAR):
        body = problem(integrator.post(f"orders/{order.number}/pay/", {"paid_at": future}), 400, "invalid")
        assert body["errors"][0]["pointer"] == "/paid_at"
    assert Order.objects.get().status == "unpaid"


def test_csv(tmp_path, capsys):
    AccountFactory(number=PAID["account"])
    with pytest.raises(CommandError, match="1 of 1 rows are wrong"):
        run(sheet(tmp_path, PAID | {"ordered_at": NEXT_YEAR, "paid_at": NEXT_YEAR}))
    said = capsys.readouterr().err
    assert "line 2, ordered_at: This time is in the future." in said
    assert "line 2, paid_at: This time is in the future." in said
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("at", "today"), [("2026-11-22T23:54:59+08:00", 22), ("2026-11-22T23:55:00+08:00", 23), ("2026-11-23T00:00Z", 23)]
)
def test_statements_and_bookings_by_hand(clock, at, today):
    clock.move_to(at)
    account = RemittanceAccountFactory().account
    for day, refused in ((date(2026, 11, today), False), (date(2026, 11, today + 1), True)):
        text = f"{day},{account.remittance_account.account_number},1.00,CNY,{day}"
        content = f"bank_reference,remittance_account,amount,currency,received_on\n{text}\n".encode()
        assert bool(read_statement(content).faults) == refused
        booking = {"amount": Decimal(1), "currency": "CNY", "bank_reference": f"by hand {day}", "received_on": day}
        with pytest.raises(Refused, match="in the future") if refused else nullcontext():
            book_remittance(account=account, **booking, by=clerk())
