"""The ledger as staff read it: searched, filtered, and never edited."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Account
from billing.models import LedgerEntry
from billing.remittances import reverse_entry
from orders.services import pay_from_balance
from tests import factories
from tests.billing.bookkeeping import LEDGER, book, clerk, client_of, somebody
from tests.tampering import guards_lifted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
SIGNING_IN = 4
"""Session, user, and the permissions of the user and of the groups."""


@pytest.fixture
def client():
    return client_of(somebody("Auditor"))


@pytest.fixture
def account():
    return factories.RemittanceAccountFactory(account_number="1219 0000 1111").account


def listed(page):
    return [row.pk for row in page.context["cl"].result_list]


def found(client, query):
    return listed(client.get(f"{LEDGER}/", {"q": query}))


def test_the_list_shows_what_was_booked_by_whom_the_newest_first(client, account):
    by = clerk()
    old = book(account, "1234.50", by=by)
    with guards_lifted():
        LedgerEntry.objects.update(booked_at=timezone.now() - timedelta(days=1))
    new = book(account, "7.00", "CMB-2", by=by)
    page = client.get(f"{LEDGER}/")
    assert listed(page) == [new.pk, old.pk]
    for shown in ("CNY 1,234.50", "CMB-1", str(account), "2026-11-21 12:00", str(old.booked_by), "Remittance"):
        assert shown in page.text


def test_what_was_reversed_says_so(client, account):
    entry = book(account)
    counter = reverse_entry(entry=entry, note="Wrong account", by=clerk())
    text = client.get(f"{LEDGER}/").text
    assert "Reversed remittance" in text
    assert "Counter-entry" in text
    page = client.get(f"{LEDGER}/{entry.pk}/change/").text
    assert f"{LEDGER}/{counter.pk}/change/" in page
    assert "Wrong account" in page
    assert f"{LEDGER}/{entry.pk}/change/" in client.get(f"{LEDGER}/{counter.pk}/change/").text


def test_entries_are_found_by_whole_numbers(client, account):
    mine, other = book(account), book(factories.AccountFactory(), reference="CMB-2")
    Account.objects.update(certified_name="云杉")  # a name is found by a part of it
    for query in (account.number, "121900001111", "1219 0000 1111", "CMB-1", " CMB-1 "):
        assert found(client, query) == [mine.pk], query
    for query in (account.number[:-1], "1219", "CMB", "0"):
        assert found(client, query) == [], query
    assert found(client, "") == [other.pk, mine.pk]


def test_a_bank_reference_finds_all_its_bookings_and_what_took_them_back(client, account):
    first = book(account)
    counter = reverse_entry(entry=first, note="Wrong account", by=clerk())
    again = book(factories.AccountFactory())
    book(account, reference="CMB-2")
    assert found(client, "CMB-1") == [again.pk, counter.pk, first.pk]


def test_the_list_is_filtered_by_kind(client):
    actor = factories.member()
    received = book(actor.account, "5000.00")
    pay_from_balance(order=factories.OrderFactory(account=actor.account), by=actor)
    spent = LedgerEntry.objects.latest("pk")
    taken_back = book(actor.account, "7.00", "CMB-2")
    counter = reverse_entry(entry=taken_back, note="Wrong account", by=clerk())
    for kind, rows in {
        "remittance": [taken_back, received],
        "order_payment": [spent],
        "counter_entry": [counter],
        "nothing": [counter, taken_back, spent, received],
    }.items():
        assert listed(client.get(f"{LEDGER}/?kind={kind}")) == [row.pk for row in rows], kind


def test_an_entrys_page_shows_its_account_before_and_after(client, account):
    entry = book(account, "1000.00", note="Invoice 118")
    LedgerEntry.objects.create(account=account, amount=-300, booked_at=timezone.now() + timedelta(minutes=1))
    text = client.get(f"{LEDGER}/{entry.pk}/change/").text
    for shown in ("CNY 1,000.00", "CNY 700.00", "Invoice 118", "2026-11-21", "Other charge", ">-300.00<", ">700.00<"):
        assert shown in text


def test_an_entry_of_an_order_leads_to_it(client):
    actor = factories.member()
    book(actor.account, "5000.00")
    order = pay_from_balance(order=factories.OrderFactory(account=actor.account), by=actor)
    page = client.get(f"{LEDGER}/{LedgerEntry.objects.latest('pk').pk}/change/").text
    assert f"/admin/orders/order/?q={order.number}" in page


def test_an_entry_is_changed_by_nobody(account):
    entry = book(account)
    before = LedgerEntry.objects.values().get()
    superuser = client_of(somebody(is_superuser=True))
    change = f"{LEDGER}/{entry.pk}/change/"
    assert 'type="text"' not in superuser.get(change).text.split('id="content"')[1]
    for address in (change, f"{LEDGER}/add/", f"{LEDGER}/{entry.pk}/delete/"):
        assert superuser.post(address, {"amount": "1", "post": "yes", "_save": "Save"}).status_code == 403
    assert LedgerEntry.objects.values().get() == before


def test_statements_a_page(client, account, django_assert_max_num_queries):
    entries = [book(account, reference=f"CMB-{i}", by=clerk()) for i in range(30)]
    for entry in entries[:9]:
        reverse_entry(entry=entry, note="Wrong account", by=clerk())
    with django_assert_max_num_queries(SIGNING_IN + 4):
        assert client.get(f"{LEDGER}/").status_code == 200
    with django_assert_max_num_queries(SIGNING_IN + 7):
        assert client.get(f"{LEDGER}/?q={account.number}&kind=remittance").status_code == 200
    with django_assert_max_num_queries(SIGNING_IN + 4):
        assert client.get(f"{LEDGER}/{entries[0].pk}/change/").status_code == 200
    finance = client_of(somebody("Finance"))
    with django_assert_max_num_queries(SIGNING_IN + 4):
        assert finance.get(f"{LEDGER}/{entries[20].pk}/reverse/").status_code == 200
