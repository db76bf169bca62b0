"""Importing orders that are known already: corrections are taken over, statuses move as they may."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError
from django.utils import timezone

from orders.models import Order
from orders.services import cancel_overdue_orders
from tests import factories
from tests.orders.sheets import PAID, UNPAID, run, sheet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
REFUNDED = PAID | {"status": "refunded"}
CANCELLED = UNPAID | {"status": "cancelled"}
AFTER_DEADLINE = datetime.fromisoformat("2026-11-27T09:30:00+08:00")


@pytest.fixture(autouse=True)
def _account(db):
    factories.AccountFactory(number="10000001")


@pytest.fixture
def imported(tmp_path, capsys):
    """Imports one row; returns the order as it is then and the outcome that was told."""

    def import_row(row) -> tuple[Order, str]:
        capsys.readouterr()
        run(sheet(tmp_path, row), "--skip-errors")
        counts = capsys.readouterr().out.split(".")[0].split(", ")
        [outcome] = [count.split()[1] for count in counts if count.startswith("1 ")]
        return Order.objects.get(number=row["number"]), outcome

    return import_row


def test_corrected_facts_are_taken_over(imported):
    imported(PAID)
    corrected = PAID | {
        "product_code": "other",
        "product_name": "Other",
        "kind": "renewal",
        "configuration": "",
        "region": "cn-beijing",
        "quantity": "3",
        "currency": "USD",
        "list_amount": "99.90",
        "payable_amount": "99.90",
        "paid_amount": "99.90",
        "ordered_at": "2026-11-19T09:30:00+08:00",
        "paid_at": "2026-11-21T11:00:00+08:00",
        "service_start": "",
        "service_end": "",
    }
    order, outcome = imported(corrected)
    assert outcome == "updated"
    assert (order.product.code, order.kind, order.configuration, order.region) == ("other", "renewal", "", "cn-beijing")
    assert (order.quantity, order.currency) == (3, "USD")
    assert order.list_amount == order.payable_amount == Decimal("99.90")
    assert order.ordered_at == datetime.fromisoformat(corrected["ordered_at"])
    assert order.payment_deadline == order.ordered_at + timedelta(days=7)
    assert order.paid_at == datetime.fromisoformat(corrected["paid_at"])
    assert (order.service_start, order.service_end) == (None, None)
    assert imported(corrected)[1] == "unchanged"


@pytest.mark.parametrize(
    ("before", "after"),
    [(UNPAID, PAID), (UNPAID, REFUNDED), (UNPAID, CANCELLED), (PAID, REFUNDED), (PAID, PAID | {"status": "cancelled"})],
)
def test_a_status_moves_on_and_keeps_its_time(imported, clock, before, after):
    imported(before)
    order, outcome = imported(after)
    moved_at = timezone.now()
    assert (order.status, outcome) == (after["status"], "updated")
    assert order.paid_at == (datetime.fromisoformat(after["paid_at"]) if after["paid_at"] else None)
    assert order.cancelled_at == (moved_at if after["status"] == "cancelled" else None)
    assert order.refunded_at == (moved_at if after["status"] == "refunded" else None)
    clock.shift(3600)
    again, outcome = imported(after)
    assert outcome == "unchanged"
    assert (again.cancelled_at, again.refunded_at) == (order.cancelled_at, order.refunded_at)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (PAID, UNPAID),
        (REFUNDED, PAID),
        (REFUNDED, UNPAID),
        (REFUNDED, CANCELLED),
        (CANCELLED, UNPAID),
        (CANCELLED, PAID),
        (CANCELLED, REFUNDED),
    ],
)
def test_a_status_does_not_move_back(imported, tmp_path, capsys, before, after):
    order, _ = imported(before)
    again, outcome = imported(after | {"quantity": "7"})
    assert outcome == "failed"
    assert (again.status, again.quantity) == (order.status, 2)
    with pytest.raises(CommandError):
        run(sheet(tmp_path, after))
    said = f"line 2, status: Order FO100000001 is {before['status']} and cannot become {after['status']}.\n"
    assert capsys.readouterr().err == said


def test_an_order_does_not_change_its_account(imported, tmp_path, capsys):
    imported(UNPAID)
    factories.AccountFactory(number="10000002")
    with pytest.raises(CommandError):
        run(sheet(tmp_path, UNPAID | {"account": "10000002"}))
    assert capsys.readouterr().err == "line 2, account: Order FO100000001 belongs to another account.\n"


@pytest.mark.rule("R10")
@pytest.mark.parametrize("swept", [True, False])
class TestPastItsDeadline:
    """Whether the clock has cancelled it yet or not."""

    @pytest.fixture(autouse=True)
    def _lapsed(self, imported, clock, swept):
        imported(UNPAID)
        clock.move_to(AFTER_DEADLINE)
        if swept:
            assert cancel_overdue_orders(now=timezone.now()) == 1

    def test_an_unpaid_row_does_not_revive_it(self, imported, swept):
        before = Order.objects.values().get()
        _, outcome = imported(UNPAID | {"quantity": "5", "ordered_at": "2026-11-26T09:30:00+08:00"})
        assert outcome == "unchanged"
        assert Order.objects.values().get() == before

    def test_a_payment_that_was_made_in_time_counts(self, imported, swept):
        order, outcome = imported(PAID)
        assert (order.status, order.cancelled_at, outcome) == ("paid", None, "updated")

    def test_a_payment_that_was_made_too_late_is_refused(self, imported, swept, tmp_path, capsys):
        late = PAID | {"paid_at": "2026-11-27T09:30:01+08:00"}
        order, outcome = imported(late)
        assert (order.paid_at, outcome) == (None, "failed")
        with pytest.raises(CommandError):
            run(sheet(tmp_path, late))
        assert "line 2, status: Order FO100000001 was cancelled at its payment deadline, 2026-11-27 01:30 UTC." in (
            capsys.readouterr().err
        )

    def test_a_cancelled_row_finds_it_cancelled_at_the_deadline(self, imported, swept):
        order, _ = imported(CANCELLED)
        assert (order.status, order.cancelled_at) == ("cancelled", AFTER_DEADLINE)
        assert imported(CANCELLED)[1] == "unchanged"


def test_a_payment_is_not_forgotten_when_the_cancellation_does_not_tell_of_it(imported):
    paid, _ = imported(PAID)
    order, _ = imported(CANCELLED)
    assert (order.status, order.paid_at) == ("cancelled", paid.paid_at)


def test_rows_of_one_file_may_create_update_and_leave_alone(tmp_path, capsys):
    run(sheet(tmp_path, UNPAID, UNPAID | {"number": "FO2"}))
    capsys.readouterr()
    run(sheet(tmp_path, UNPAID | {"number": "FO3"}, PAID, UNPAID | {"number": "FO2"}))
    assert "1 created, 1 updated, 1 unchanged, 0 failed." in capsys.readouterr().out
    assert dict(Order.objects.values_list("number", "status")) == {
        "FO100000001": "paid",
        "FO2": "unpaid",
        "FO3": "unpaid",
    }
