"""A remittance is taken back by a counter-entry, once; nothing in the ledger is edited or deleted."""

import pytest
from django.utils import timezone

from billing.ledger import EntryKind, get_balance, get_ledger_page
from billing.models import LedgerEntry
from billing.remittances import reverse_entry
from common.errors import Refused
from orders.models import Order
from orders.services import pay_from_balance
from tests import factories
from tests.billing.bookkeeping import amounts, book, clerk, reader
from tests.contracts.test_concurrency import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def entry():
    return book(factories.AccountFactory())


def refusal(entry, note="Wrong account", by=None) -> Refused:
    before = list(LedgerEntry.objects.order_by("pk").values())
    with pytest.raises(Refused) as caught:
        reverse_entry(entry=entry, note=note, by=by or clerk())
    assert list(LedgerEntry.objects.order_by("pk").values()) == before
    return caught.value


def test_both_entries_stay_and_the_balance_is_as_before(entry):
    by = clerk()
    before = LedgerEntry.objects.filter(pk=entry.pk).values().get()
    counter = reverse_entry(entry=entry, note=" Booked to the\nwrong account ", by=by)
    assert LedgerEntry.objects.filter(pk=entry.pk).values().get() == before
    assert amounts(entry.account) == ["100.00", "-100.00"]
    assert (counter.reverses, counter.bank_reference) == (entry, entry.bank_reference)
    assert (counter.note, counter.received_on) == ("Booked to the wrong account", None)
    assert (counter.booked_by_id, counter.booked_at) == (by.user_id, timezone.now())


def test_the_customer_reads_why(entry):
    reverse_entry(entry=entry, note="Booked to the wrong account", by=clerk())
    line = get_ledger_page(entry.account, None, balance=get_balance(entry.account), size=9).rows[0]
    assert (line.kind, line.entry.note, line.balance) == (EntryKind.COUNTER_ENTRY, "Booked to the wrong account", 0)


def test_it_is_reversed_once(entry):
    reverse_entry(entry=entry, note="Wrong account", by=clerk())
    refused = refusal(entry)
    assert (refused.code, refused.detail) == ("transition_not_allowed", "This remittance has already been reversed.")


def test_a_counter_entry_is_not_reversed(entry):
    counter = reverse_entry(entry=entry, note="Wrong account", by=clerk())
    assert refusal(counter).detail == "Only remittances can be reversed here."


def test_nor_is_what_was_spent():
    actor = factories.member()
    book(actor.account, "5000.00")
    order = factories.OrderFactory(account=actor.account)
    pay_from_balance(order=order, by=actor)
    charge = LedgerEntry.objects.create(account=actor.account, amount=-5, booked_at=timezone.now())
    for spent in (LedgerEntry.objects.get(order_number=order.number), charge):
        assert refusal(spent).detail == "Only remittances can be reversed here."


def test_what_was_spent_meanwhile_makes_the_balance_negative():
    actor = factories.member()
    entry = book(actor.account, "2000.00")
    order = factories.OrderFactory(account=actor.account)
    pay_from_balance(order=order, by=actor)
    reverse_entry(entry=entry, note="The bank took it back", by=clerk())
    assert get_balance(actor.account) == -order.payable_amount
    assert Order.objects.get(pk=order.pk).status == "paid"
    with pytest.raises(Refused) as caught:
        pay_from_balance(order=factories.OrderFactory(account=actor.account), by=actor)
    assert caught.value.code == "insufficient_balance"


@pytest.mark.parametrize("note", ["", " \n", "x" * 201])
def test_a_note_says_why(entry, note):
    assert [(fault.code, fault.pointer) for fault in refusal(entry, note).faults] == [("invalid", "/note")]


def test_only_those_with_the_right_reverse(entry):
    for by in (reader(), factories.member("viewer", entry.account)):
        assert refusal(entry, by=by).code == "permission_denied"


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_staff_who_reverse_at_once_one_does(entry):
    staff = [clerk() for _ in range(8)]
    outcomes = at_once([lambda by=by: reverse_entry(entry=entry, note="Wrong account", by=by) for by in staff])
    assert len([outcome for outcome in outcomes if isinstance(outcome, LedgerEntry)]) == 1, outcomes
    assert {outcome.detail for outcome in outcomes if isinstance(outcome, Refused)} == {
        "This remittance has already been reversed."
    }
    assert amounts(entry.account) == ["100.00", "-100.00"]
