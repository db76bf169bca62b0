"""Sums of money are exact on both databases; SQLite has only floats for decimals."""

from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account
from billing.ledger import get_balance, get_ledger_page
from billing.models import LedgerEntry
from contracts.models import Contract
from orders.models import Order
from orders.services import pay_from_balance
from tests import factories

pytestmark = pytest.mark.django_db

LARGEST = Decimal("9999999999999.999")
AMOUNTS = st.decimals(-LARGEST, LARGEST, places=3).filter(bool)


def book(account: Account, *amounts: Decimal) -> None:
    now = timezone.now()
    LedgerEntry.objects.bulk_create(LedgerEntry(account=account, amount=amount, booked_at=now) for amount in amounts)


def test_the_last_cent_of_the_balance_pays_an_order():
    actor = factories.member()
    book(actor.own_account, Decimal("1080.50"))
    for payable in ("1080.20", "0.30"):
        order = factories.OrderFactory(account=actor.account, payable_amount=Decimal(payable))
        assert pay_from_balance(order=order, by=actor).status == Order.Status.PAID
    assert get_balance(actor.own_account) == 0


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(amounts=st.lists(AMOUNTS, max_size=30))
def test_a_balance_is_the_sum_of_the_ledger(amounts):
    account = factories.AccountFactory(currency="KWD")
    book(account, *amounts)
    assert get_balance(account) == sum(amounts, Decimal(0))
    newest_first = list(account.ledger.order_by("-booked_at", "-pk"))
    lines = []
    for number in range(1, len(amounts) // 7 + 2):
        lines += get_ledger_page(account, str(number), balance=get_balance(account), size=7).rows
    running = [sum((entry.amount for entry in newest_first[i:]), Decimal(0)) for i in range(len(amounts))]
    assert [line.balance for line in lines] == running


def test_a_sum_beyond_all_integers_of_the_database():
    account = factories.AccountFactory()
    book(account, *[LARGEST] * 1000)
    assert get_balance(account) == LARGEST * 1000


@pytest.mark.parametrize("amount", ["0.0005", "10.1251"])
def test_an_amount_that_the_column_cannot_hold_is_not_rounded(amount):
    with pytest.raises(ValueError, match="More than 3 decimals"):
        book(factories.AccountFactory(), Decimal(amount))


@pytest.mark.parametrize(
    ("model", "field"),
    [(LedgerEntry, "amount"), (Order, "list_amount"), (Order, "payable_amount"), (Contract, "total_amount")],
)
def test_every_amount_is_kept_exactly(model, field):
    [column] = [column for column in model._meta.fields if column.name == field]
    assert column.db_type(connection) == ("bigint" if connection.vendor == "sqlite" else "numeric(19, 3)")
