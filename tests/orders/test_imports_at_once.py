"""Several imports of the same new orders at once: all succeed, each order is created once (PostgreSQL)."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.contrib.auth.models import Permission
from django.db import connections, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import ApiToken
from orders.importing import files, import_file, write_orders
from orders.importing.rows import COLUMNS, OrderRow
from orders.models import Order, Product
from tests.factories import AccountFactory, UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


def rows(count: int, products: int = 3) -> list[OrderRow]:
    now = timezone.now()
    row = OrderRow(
        number="",
        account=AccountFactory().number,
        product_code="",
        product_name="Elastic Compute",
        currency="CNY",
        status="unpaid",
        paid_at=None,
        facts={
            "kind": "new",
            "quantity": 1,
            "list_amount": Decimal("10.00"),
            "payable_amount": Decimal("10.00"),
            "ordered_at": now - timedelta(hours=1),
        },
    )
    return [replace(row, number=f"N{i:03}", product_code=f"p{i % products}") for i in range(count)]


def at_once(calls: Sequence[Callable[[], object]]) -> list:
    """Start all calls together in threads with connections of their own; return their results."""
    start = threading.Barrier(len(calls))

    def run(call: Callable[[], object]) -> object:
        start.wait(timeout=60)
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_the_same_new_orders_in_opposite_order():
    for _round in range(8):
        given = rows(60)
        both = [given, given[::-1]] * 3
        written = at_once([lambda g=g: write_orders(g, now=timezone.now()) for g in both])
        outcomes = Counter(outcome.outcome for one in written for outcome in one.outcomes)
        assert outcomes == {"created": 60, "unchanged": 300}
        Order.objects.all().delete()
        Product.objects.all().delete()


def test_overlapping_sets_of_new_orders():
    given = rows(90)
    parts = [given[start : start + 40] for start in (0, 20, 40, 50)]
    written = at_once([lambda p=p: write_orders(p[::-1], now=timezone.now()) for p in parts])
    created = [outcome.number for one in written for outcome in one.outcomes if outcome.outcome == "created"]
    assert sorted(created) == [row.number for row in given]


def test_files_that_hold_each_other_up_are_tried_again(monkeypatch):
    """A file is one transaction of several batches, so two files can deadlock whatever the order within a batch."""
    monkeypatch.setattr(files, "BATCH_ROWS", 1)
    given = rows(12, products=1)
    at_once([lambda: write_orders(given, now=timezone.now())])
    changed = [replace(row, facts={**row.facts, "quantity": 2}) for row in given]
    results = at_once([lambda g=g: import_file(StringIO(sheet_of(g))) for g in (changed, changed[::-1])])
    assert [result.written for result in results] == [True, True]
    assert Counter(results[0].rows + results[1].rows) == {"updated": 12, "unchanged": 12}


def sheet_of(given: list[OrderRow]) -> str:
    lines = [",".join(COLUMNS)]
    for row in given:
        values = {name: row.facts.get(name, getattr(row, name, "")) for name in COLUMNS} | {"paid_amount": "0"}
        values["ordered_at"] = row.facts["ordered_at"].isoformat()
        lines.append(",".join("" if value is None else str(value) for value in values.values()))
    return "\n".join(lines) + "\n"


def test_six_puts_of_a_new_order_answer_201_once():
    user = UserFactory()
    user.user_permissions.add(Permission.objects.get(codename="integrate"))
    secret = ApiToken.for_integrator(user)[1]
    [row] = rows(1)
    body = {
        "account": row.account,
        "product_code": "p0",
        "product_name": "Elastic Compute",
        "kind": "new",
        "quantity": 1,
        "currency": "CNY",
        "list_amount": "10.00",
        "payable_amount": "10.00",
        "status": "unpaid",
        "ordered_at": row.facts["ordered_at"].isoformat(),
    }

    def put(number: str) -> int:
        client = Client(headers={"Authorization": f"Token {secret}"})
        return client.put(f"/api/v1/orders/{number}/", body, content_type="application/json").status_code

    for round_ in range(8):
        codes = at_once([lambda n=f"PUT-{round_}": put(n)] * 6)
        assert sorted(codes) == [200] * 5 + [201]


def test_a_caller_that_waits_for_another_finds_its_order_and_does_not_fail():
    """The other one has inserted and not committed: the second meets the unique index, and reads again."""
    given = rows(2)
    inserted, release = threading.Event(), threading.Event()

    def first() -> str:
        with transaction.atomic():
            written = write_orders(given, now=timezone.now())
            inserted.set()
            assert release.wait(timeout=60)
        return written.outcomes[0].outcome

    def second() -> str:
        assert inserted.wait(timeout=60)
        threading.Timer(0.3, release.set).start()
        return write_orders(given[::-1], now=timezone.now()).outcomes[0].outcome

    assert at_once([first, second]) == ["created", "unchanged"]
