"""What an import costs: a few statements a batch, and no harm from another import at the same time."""

import threading

import pytest
from django.db import connection, transaction
from django.utils import timezone

from orders.importing import read_row, write_orders
from orders.models import Order
from tests import factories
from tests.orders.sheets import PAID, UNPAID, numbered, run, sheet

STATEMENTS_A_BATCH = 9
"""Accounts, orders, products (known, insert, known again), insert, update, and a savepoint set and released."""


@pytest.mark.django_db
@pytest.mark.usefixtures("clock")
def test_a_batch_takes_as_many_statements_whatever_it_holds(django_assert_num_queries):
    factories.AccountFactory(number="10000001")
    for count in (2, 40):
        Order.objects.all().delete()
        half = numbered(count)[: count // 2]
        write_orders([read_row(row) for row in half], now=timezone.now())
        rows = [read_row(row | {"product_code": f"new{count}", "quantity": "9"}) for row in numbered(count)]
        with django_assert_num_queries(STATEMENTS_A_BATCH):
            written = write_orders(rows, now=timezone.now())
        assert [o.outcome for o in written.outcomes] == ["updated"] * (count // 2) + ["created"] * (count // 2)


@pytest.mark.django_db
@pytest.mark.usefixtures("clock")
def test_batches_add_up(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("orders.importing.files.BATCH_ROWS", 7)
    factories.AccountFactory(number="10000001")
    run(sheet(tmp_path, *numbered(20)))
    assert "20 created" in capsys.readouterr().out
    run(sheet(tmp_path, *numbered(15, PAID), *numbered(20)[15:]))
    assert "0 created, 15 updated, 5 unchanged, 0 failed." in capsys.readouterr().out


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_imports_of_the_same_new_order_at_once_both_pass(clock):
    factories.AccountFactory(number="10000001")
    outcomes = []

    def import_paid() -> None:
        outcomes.append(write_orders([read_row(PAID)], now=timezone.now()).outcomes[0].outcome)
        connection.close()

    other = threading.Thread(target=import_paid)
    with transaction.atomic():
        write_orders([read_row(UNPAID)], now=timezone.now())
        other.start()
        other.join(0.5)  # it waits: whether this transaction creates the order is not settled yet
        assert outcomes == []
    other.join(10)
    assert outcomes == ["updated"]
    assert Order.objects.get().status == "paid"


@pytest.mark.django_db
@pytest.mark.usefixtures("clock")
def test_memory_does_not_grow_with_the_statements_that_debug_keeps(tmp_path, monkeypatch, settings):
    settings.DEBUG = True
    monkeypatch.setattr("orders.importing.files.BATCH_ROWS", 5)
    factories.AccountFactory(number="10000001")
    run(sheet(tmp_path, *numbered(50)))
    assert len(connection.queries) < 2 * STATEMENTS_A_BATCH
