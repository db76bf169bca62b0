"""The export of orders holds what the list shows (R43)."""

import csv
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from django.test import Client
from openpyxl import load_workbook

from tests.factories import MembershipFactory, OrderFactory, PaidOrderFactory

pytestmark = pytest.mark.rule("R43")


@pytest.fixture
def visit(membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    return client


def rows_of(answer) -> list[dict[str, str]]:
    assert answer.status_code == 200
    return list(csv.DictReader(StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def test_the_orders_of_the_filter(visit, membership):
    paid = PaidOrderFactory(account=membership.account)
    unpaid = OrderFactory(account=membership.account)
    PaidOrderFactory(account=MembershipFactory().account)

    rows = rows_of(visit.get("/orders/export/?format=csv"))
    assert {row["Order No."] for row in rows} == {paid.number, unpaid.number}
    assert sum(Decimal(row["Payable amount"]) for row in rows) == paid.payable_amount + unpaid.payable_amount

    [row] = rows_of(visit.get("/orders/export/?format=csv&status=paid"))
    assert (row["Order No."], row["Status"], row["Product code"]) == (paid.number, "Paid", paid.product.code)
    assert visit.get("/orders/export/?since=never").status_code == 400


def test_a_workbook_has_one_sheet(visit, membership):
    order = PaidOrderFactory(account=membership.account)

    book = load_workbook(BytesIO(b"".join(visit.get("/orders/export/").streaming_content)))

    titles, row = book["Orders"].values
    assert dict(zip(titles, row, strict=True))["Order No."] == order.number
