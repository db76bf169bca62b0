"""Importing a sound file: all of it is there afterwards, and the same file again changes nothing."""

import csv
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from orders.models import PAYMENT_TERM, Order
from tests import factories
from tests.orders.sheets import PAID, UNPAID, run, sheet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
REAL_ORDERS = Path(__file__).parent.parent / "data" / "orders.csv"


@pytest.fixture(autouse=True)
def _accounts(db):
    for number in ("10000001", "10000002"):
        factories.AccountFactory(number=number)


def test_every_row_of_a_real_file_becomes_an_order(capsys):
    run(REAL_ORDERS)
    out, err = capsys.readouterr()
    assert "168 created, 0 updated, 0 unchanged, 0 failed." in out
    assert err == ""
    with REAL_ORDERS.open(encoding="utf-8", newline="") as text:
        rows = {row["number"]: row for row in csv.DictReader(text)}
    orders = {order.number: order for order in Order.objects.select_related("account", "product")}
    assert orders.keys() == rows.keys()
    for number, row in rows.items():
        order = orders[number]
        assert (order.account.number, order.product.code, order.product.name) == (
            row["account"],
            row["product_code"],
            row["product_name"],
        )
        for name in ("kind", "configuration", "region", "status", "currency"):
            assert getattr(order, name) == row[name]
        for name in ("list_amount", "payable_amount", "quantity"):
            assert getattr(order, name) == Decimal(row[name])
        for name in ("ordered_at", "paid_at", "service_start", "service_end"):
            assert getattr(order, name) == (datetime.fromisoformat(row[name]) if row[name] else None)
        assert order.payment_deadline == order.ordered_at + PAYMENT_TERM


def test_the_same_file_again_writes_nothing(capsys, django_assert_num_queries):
    run(REAL_ORDERS)
    before = list(Order.objects.order_by("pk").values())
    capsys.readouterr()
    locks = connection.vendor == "postgresql"  # one file at a time
    with django_assert_num_queries(7 + locks) as captured:  # two savepoints around three questions
        run(REAL_ORDERS)
    assert not [query["sql"] for query in captured if query["sql"].startswith(("INSERT", "UPDATE"))]
    assert "0 created, 0 updated, 168 unchanged, 0 failed." in capsys.readouterr().out
    assert list(Order.objects.order_by("pk").values()) == before


def test_a_byte_order_mark_blank_lines_windows_line_ends_and_any_column_order_are_fine(tmp_path, capsys):
    file = sheet(tmp_path, UNPAID, columns=reversed(UNPAID))
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\n\r\n"))
    run(file)
    assert "1 created, 0 updated, 0 unchanged, 0 failed." in capsys.readouterr().out
    assert Order.objects.get().product.name == "Elastic Compute 弹性计算"


def test_a_file_with_a_header_alone_imports_nothing(tmp_path, capsys):
    run(sheet(tmp_path))
    assert "0 created, 0 updated, 0 unchanged, 0 failed." in capsys.readouterr().out


@pytest.mark.rule("R10")
def test_a_new_unpaid_order_past_its_deadline_is_left_to_the_clock(tmp_path):
    run(sheet(tmp_path, UNPAID | {"ordered_at": "2026-11-01T09:30:00+08:00"}))
    order = Order.objects.get()
    assert order.status == "unpaid"
    assert order.lapsed(timezone.now())


@pytest.mark.rule("R33")
@pytest.mark.parametrize(
    ("status", "paid_amount", "paid_at"),
    [
        ("cancelled", "0", ""),
        ("cancelled", "1080.50", PAID["paid_at"]),
        ("cancelled", "0.00", PAID["paid_at"]),
        ("refunded", "1080.5", PAID["paid_at"]),
        ("refunded", "0.00", PAID["paid_at"]),
    ],
)
def test_what_ended_is_told_as_paid_in_full_or_as_given_back(tmp_path, status, paid_amount, paid_at):
    run(sheet(tmp_path, UNPAID | {"status": status, "paid_amount": paid_amount, "paid_at": paid_at}))
    order = Order.objects.get()
    ended_at = order.cancelled_at if status == "cancelled" else order.refunded_at
    assert (order.status, ended_at) == (status, timezone.now())  # the file does not tell when


@pytest.mark.rule("R10")
def test_an_old_order_that_was_never_paid_was_cancelled_at_its_deadline(tmp_path):
    run(sheet(tmp_path, UNPAID | {"status": "cancelled", "ordered_at": "2026-10-01T09:30:00+08:00"}))
    order = Order.objects.get()
    assert order.cancelled_at == order.payment_deadline
