"""The ledger as members read it: what each entry is, and the balance after it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from billing.ledger import EntryKind, get_balance, get_ledger_page
from billing.models import LedgerEntry
from tests import factories

pytestmark = pytest.mark.django_db
PAGE = "/account/ledger/"


def book(account, amount, *, days_ago=0, **fields):
    booked_at = timezone.now() - timedelta(days=days_ago)
    return LedgerEntry.objects.create(account=account, amount=Decimal(amount), booked_at=booked_at, **fields)


@pytest.fixture
def visit(membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    return client


def test_every_entry_says_what_it_is_and_the_balance_after_it(membership):
    account = membership.account
    book(account, "2000.00", days_ago=4, bank_reference="CMB-1")
    paid = book(account, "-1080.50", days_ago=3, order_number="FO1")
    book(account, "1080.50", days_ago=2, reverses=paid)
    book(account, "-10.00", days_ago=1, note="Bank charge")

    lines = get_ledger_page(account, "1", balance=get_balance(account), size=10).rows

    assert [(line.kind, f"{line.balance:.2f}") for line in lines] == [
        (EntryKind.CHARGE, "1990.00"),
        (EntryKind.COUNTER_ENTRY, "2000.00"),
        (EntryKind.ORDER_PAYMENT, "919.50"),
        (EntryKind.REMITTANCE, "2000.00"),
    ]


def test_the_balance_goes_on_from_page_to_page(membership):
    for i in range(5):
        book(membership.account, f"{i + 1}.00", days_ago=5 - i)

    balance = get_balance(membership.account)
    pages = [get_ledger_page(membership.account, str(number), balance=balance, size=2) for number in (1, 2, 3)]

    assert [[f"{line.balance:.2f}" for line in page.rows] for page in pages] == [
        ["15.00", "10.00"],
        ["6.00", "3.00"],
        ["1.00"],
    ]
    assert [page.more for page in pages] == [True, True, False]


def test_the_page_shows_amounts_in_figures_and_leads_to_the_order(visit, membership):
    order = factories.PaidOrderFactory(account=membership.account)
    book(membership.account, "12000.00", days_ago=1, bank_reference="CMB-77", note="Remittance received")
    book(membership.account, "-1080.50", order_number=order.number)

    text = visit.get(PAGE).text

    for shown in ("+12,000.00", "-1,080.50", "10,919.50", "CMB-77", "Order payment", f"/orders/{order.number}/"):
        assert shown in text


@pytest.mark.rule("R26")
def test_another_accounts_money_is_not_shown(visit):
    book(factories.AccountFactory(), "7777.00", bank_reference="FOREIGN")

    text = visit.get(PAGE).text

    assert "FOREIGN" not in text
    assert "No entries yet" in text


def test_it_takes_the_same_few_statements_whatever_its_length(visit, membership, django_assert_max_num_queries):
    for i in range(60):
        book(membership.account, "1.00", bank_reference=f"CMB-{i}")

    with django_assert_max_num_queries(8):
        text = visit.get(f"{PAGE}?page=2").text
    assert ">10.00<" in text
