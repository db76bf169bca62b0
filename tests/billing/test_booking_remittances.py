"""Money received is booked once a bank reference, in the account's currency, with who booked it and when."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import Account
from billing.ledger import get_balance
from billing.models import LedgerEntry
from billing.remittance_accounts import get_account_by_number
from billing.remittances import reverse_entry
from common.errors import Refused
from tests import factories
from tests.billing.bookkeeping import amounts, book, clerk, reader
from tests.contracts.test_concurrency import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def account():
    return factories.AccountFactory()


def refusal(*args, **fields) -> Refused:
    before = LedgerEntry.objects.count()
    with pytest.raises(Refused) as caught:
        book(*args, **fields)
    assert LedgerEntry.objects.count() == before
    return caught.value


def test_the_entry_says_what_was_received_and_who_booked_it(account):
    by = clerk()
    entry = book(account, "1234.50", "  CMB 2026-1 ", note=" Invoice\n118 ", by=by)
    entry.refresh_from_db()
    assert (entry.account, entry.amount, entry.bank_reference) == (account, Decimal("1234.50"), "CMB 2026-1")
    assert (entry.received_on, entry.note, entry.booking) == (date(2026, 11, 21), "Invoice 118", 1)
    assert (entry.booked_by_id, entry.booked_at) == (by.user_id, timezone.now())
    assert get_balance(account) == Decimal("1234.50")


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("0", "above zero"),
        ("-5", "above zero"),
        ("NaN", "above zero"),
        ("Infinity", "above zero"),
        ("-Infinity", "above zero"),
        ("1.005", "Amounts in CNY have at most 2 decimals"),
        ("1E+13", "too large"),
    ],
)
def test_an_amount_that_is_none_is_refused(account, amount, said):
    refused = refusal(account, amount)
    assert [(fault.code, fault.pointer) for fault in refused.faults] == [("invalid", "/amount")]
    assert said in refused.detail


@pytest.mark.parametrize(("currency", "amount", "decimals"), [("JPY", "10.50", 0), ("KWD", "1.0055", 3)])
def test_decimals_are_those_of_the_currency(currency, amount, decimals):
    account = factories.AccountFactory(currency=currency)
    assert refusal(account, amount).detail == f"Amounts in {currency} have at most {decimals} decimals."
    book(account, "10")


def test_the_largest_amount_is_kept_to_the_last_digit(account):
    assert book(account, "9999999999999.99").amount == get_balance(Account.objects.get(pk=account.pk))


@pytest.mark.parametrize("currency", ["USD", "", "cny"])
def test_another_currency_than_the_accounts_is_refused(account, currency):
    refused = refusal(account, currency=currency)
    assert refused.faults[0].pointer == "/currency"
    assert refused.detail == f"The currency of account {account.number} is CNY."


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"reference": " "}, "/bank_reference"),
        ({"reference": "x" * 65}, "/bank_reference"),
        ({"received_on": date(2026, 11, 23)}, "/received_on"),
        ({"received_on": date(1, 1, 1)}, "/received_on"),
        ({"note": "x" * 201}, "/note"),
    ],
    ids=["no reference", "long reference", "tomorrow", "long ago", "long note"],
)
def test_what_is_wrong_is_named_at_its_field(account, fields, pointer):
    assert [fault.pointer for fault in refusal(account, **fields).faults] == [pointer]


def test_all_that_is_wrong_is_said_at_once(account):
    refused = refusal(account, "-1", "", currency="USD", received_on=date(2027, 1, 1))
    assert [fault.pointer for fault in refused.faults] == ["/amount", "/currency", "/bank_reference", "/received_on"]


def test_today_is_a_day_and_so_is_none(account):
    book(account, reference="A", received_on=timezone.localdate())
    book(account, reference="B", received_on=None)


@pytest.mark.parametrize("own", [True, False])
def test_a_reference_is_booked_once_whoever_it_was_for(account, own):
    first = book(account, reference="CMB-1")
    refused = refusal(account if own else factories.AccountFactory(), "7.00", "CMB-1 ")
    assert (refused.code, refused.faults[0].pointer) == ("transition_not_allowed", "/bank_reference")
    assert refused.detail == f"CMB-1 was already booked to account {first.account} on 2026-11-22 12:00."


def test_a_reference_is_booked_again_once_it_was_reversed(account):
    other = factories.AccountFactory()
    reverse_entry(entry=book(account), note="Wrong account", by=clerk())
    again = book(other)
    assert again.booking == 2
    assert (get_balance(account), get_balance(other)) == (0, 100)
    assert refusal(account).code == "transition_not_allowed"
    reverse_entry(entry=again, note="Wrong as well", by=clerk())
    assert book(account).booking == 3


def test_only_those_with_the_right_book(account):
    for by in (reader(), factories.member("viewer")):
        assert refusal(account, by=by).code == "permission_denied"


def test_an_account_is_named_by_its_number_or_its_remittance_account_whole(account):
    factories.RemittanceAccountFactory(account=account, account_number="1219 0000 7777")
    for text in (account.number, f" {account.number} ", "121900007777", "1219 0000 7777", "1219\u00a000007777"):
        assert get_account_by_number(text) == account
    for text in ("", " ", account.number[:-1], "1219", "%", "0"):
        with pytest.raises(Refused, match="No account has this account number") as caught:
            get_account_by_number(text)
        assert caught.value.faults[0].pointer == "/account"


def test_a_number_of_two_accounts_names_neither(account):
    factories.RemittanceAccountFactory(account_number=account.number)
    with pytest.raises(Refused, match="Several accounts have this number"):
        get_account_by_number(account.number)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("accounts", [1, 4])
def test_of_staff_who_book_one_reference_at_once_one_does(accounts):
    """For one account its lock decides, for several the database's constraint."""
    targets = factories.AccountFactory.create_batch(accounts)
    staff = [clerk() for _ in range(8)]
    outcomes = at_once([lambda i=i, by=by: book(targets[i % accounts], by=by) for i, by in enumerate(staff)])
    won = [outcome for outcome in outcomes if isinstance(outcome, LedgerEntry)]
    assert len(won) == 1, outcomes
    assert {outcome.code for outcome in outcomes if isinstance(outcome, Refused)} == {"transition_not_allowed"}
    assert len([outcome for outcome in outcomes if isinstance(outcome, Refused)]) == 7
    assert [entry.booked_by_id for entry in LedgerEntry.objects.all()] == [won[0].booked_by_id]
    assert sum(len(amounts(account)) for account in targets) == 1
