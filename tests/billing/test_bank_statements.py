"""A bank statement is matched by remittance account and booked once, as it was shown; repeating it books nothing."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Account
from billing.bank_statements import Statement, book_statement, read_statement
from billing.models import LedgerEntry, RemittanceAccount
from billing.remittances import reverse_entry
from common.errors import Refused
from tests import factories
from tests.billing.bookkeeping import amounts, book, clerk, reader
from tests.contracts.test_concurrency import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
HEADER = "bank_reference,remittance_account,amount,currency,received_on,note"
OURS, THEIRS = "121900001111", "121900002222"


@pytest.fixture
def account():
    return factories.RemittanceAccountFactory(account_number=OURS).account


@pytest.fixture
def other():
    return factories.RemittanceAccountFactory(account_number="1219 0000 2222").account


def file_of(*lines) -> bytes:
    return "\n".join([HEADER, *lines, ""]).encode()


def line(reference="CMB-1", number=OURS, amount="100.00", currency="CNY", day="2026-11-21", note=""):
    return ",".join([reference, number, amount, currency, day, note])


def read(*lines) -> Statement:
    return read_statement(file_of(*lines))


def book_file(*lines, seen=None, by=None, **fields) -> Statement:
    content = file_of(*lines)
    seen = read_statement(content).fingerprint if seen is None else seen
    return book_statement(content=content, seen=seen, by=by or clerk(), **fields)


def wrong(statement):
    return [(fault.line, fault.column, fault.reason) for fault in statement.faults]


def only_fault(*lines):
    statement = read(*lines)
    assert statement.transfers == ()
    [fault] = statement.faults
    return fault.column, fault.reason


def test_every_line_is_booked_to_the_account_that_it_names(account, other):
    by = clerk()
    booked = book_file(line(note="Invoice 118"), line("CMB-2", "1219 0000 2222", "50", day=""), by=by)
    assert [(t.line, t.account, t.amount) for t in booked.transfers] == [(2, account, 100), (3, other, 50)]
    first, second = LedgerEntry.objects.order_by("pk")
    assert (first.account, first.amount, first.bank_reference) == (account, Decimal("100.00"), "CMB-1")
    assert (first.received_on, first.note) == (date(2026, 11, 21), "Invoice 118")
    assert (first.booked_by_id, first.booked_at) == (by.user_id, timezone.now())
    assert (second.account, second.amount, second.received_on) == (other, Decimal("50.00"), None)


def test_the_same_file_once_more_books_nothing(account):
    lines = [line(), line("CMB-2", amount="7.5")]
    book_file(*lines)
    again = read(*lines)
    assert (again.transfers, again.faults) == ((), ())
    assert [transfer.bank_reference for transfer in again.already_booked] == ["CMB-1", "CMB-2"]
    with pytest.raises(Refused, match="This file contains nothing to book"):
        book_file(*lines)
    assert amounts(account) == ["100.00", "7.50"]


@pytest.mark.parametrize(
    ("booked", "again", "column", "said"),
    [
        ({"day": "2026-11-20"}, {"day": "2026-11-21"}, "received_on", "already booked with another date: 2026-11-20"),
        ({"note": "Invoice 117"}, {"note": "Invoice 118"}, "note", "already booked with another note: Invoice 117"),
    ],
)
def test_a_known_reference_with_another_day_or_text_is_for_a_person(account, booked, again, column, said):
    book_file(line(**booked))
    found, reason = only_fault(line(**again))
    assert found == column
    assert said in reason
    book_file(line(**again), line("CMB-2"), without_faults=True)
    assert amounts(account) == ["100.00", "100.00"]


def test_a_fact_that_only_one_side_has_is_no_difference(account):
    book_file(line(day="", note=""))
    assert [transfer.line for transfer in read(line(note="Invoice 118")).already_booked] == [2]


@pytest.mark.parametrize("reference", ["2.02611E+15", "2,02611E+15", "####"])
def test_a_reference_that_a_spreadsheet_has_mangled_is_refused(account, reference):
    column, reason = only_fault(line(f'"{reference}"'))
    assert column == "bank_reference"
    assert reason.startswith(f"A spreadsheet has turned this number into {reference}.")


def test_a_longer_file_books_what_is_new(account):
    book_file(line())
    booked = book_file(line(), line("CMB-2"), line("CMB-3"))
    assert [transfer.bank_reference for transfer in booked.transfers] == ["CMB-2", "CMB-3"]
    assert amounts(account) == ["100.00"] * 3


def test_what_was_booked_by_hand_is_known_too(account):
    book(account, "100.00", "CMB-1")
    assert [transfer.line for transfer in read(line()).already_booked] == [2]


def test_an_unknown_account_is_named(account):
    assert only_fault(line(number="99990000")) == (
        "remittance_account",
        "No account has this remittance account number.",
    )
    assert only_fault(line(number=""))[0] == "remittance_account"
    assert only_fault(line(number=account.number))[0] == "remittance_account"  # its own number is none of the bank's


def test_two_accounts_cannot_have_one_remittance_number_however_it_is_written(account):
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.RemittanceAccountFactory(account_number="１２１９-0000 1111")


@pytest.mark.parametrize(
    ("fields", "column", "said"),
    [
        ({"amount": "-5"}, "amount", "above zero"),
        ({"amount": "0.00"}, "amount", "above zero"),
        ({"amount": "1.005"}, "amount", "CNY have at most 2 decimals"),
        ({"amount": "9" * 20}, "amount", "too large"),
        ({"currency": "USD"}, "currency", "is CNY"),
        ({"currency": ""}, "currency", "is CNY"),
        ({"reference": " "}, "bank_reference", "Enter the bank's reference"),
        ({"reference": "x" * 65}, "bank_reference", "At most 64 characters"),
        ({"day": "2026-11-23"}, "received_on", "in the future"),
        ({"day": "0001-01-01"}, "received_on", "too far in the past"),
        ({"note": "x" * 201}, "note", "At most 200 characters"),
    ],
    ids=str,
)
def test_what_no_form_takes_no_file_does(account, fields, column, said):
    found, reason = only_fault(line(**fields))
    assert found == column
    assert said in reason


def test_a_reference_that_stands_twice_is_booked_neither_time(account):
    statement = read(line(), line("CMB-2"), line(amount="7.00"), line())
    assert [transfer.bank_reference for transfer in statement.transfers] == ["CMB-2"]
    assert [fault.line for fault in statement.faults] == [2, 4, 5]
    assert statement.faults[1].reason.startswith("Lines 2, 5 have the same reference, so none of them is booked.")


def test_lines_that_repeat_one_another_a_thousand_times_are_told_shortly(account):
    statement = read(*[line()] * 1000)
    assert statement.faulty_line_count == 1000
    assert max(len(fault.reason) for fault in statement.faults) < 120


def test_a_reference_booked_otherwise_is_for_people_to_look_at(account, other):
    book(account, "100.00", "CMB-1")
    assert only_fault(line(amount="100.01")) == (
        "amount",
        "CMB-1 is already booked with another amount: CNY 100.00.",
    )
    column, reason = only_fault(line(number=THEIRS))
    assert column == "bank_reference"
    assert reason.startswith(f"CMB-1 was already booked to account {account}")


def test_what_was_reversed_is_not_booked_again_by_file(account):
    reverse_entry(entry=book(account), note="Wrong account", by=clerk())
    assert only_fault(line())[1].startswith("CMB-1 was booked and reversed.")
    assert amounts(account) == ["100.00", "-100.00"]


def test_of_a_file_with_wrong_lines_nothing_is_booked_unless_they_are_left_out(account):
    lines = [line(), line("CMB-2", number="0"), line("CMB-3")]
    with pytest.raises(Refused, match="Some lines have errors") as caught:
        book_file(*lines)
    assert caught.value.faults[0].pointer == "/without_faults"
    assert amounts(account) == []
    booked = book_file(*lines, without_faults=True)
    assert [transfer.line for transfer in booked.transfers] == [2, 4]
    assert wrong(booked) == [(3, "remittance_account", "No account has this remittance account number.")]
    assert amounts(account) == ["100.00", "100.00"]


def test_no_line_is_lost(account, other):
    book(account, "100.00", "CMB-1")
    statement = read(
        line(), line("CMB-2"), line("CMB-3", amount="-1"), line("CMB-4", number=THEIRS), "short", line("CMB-2")
    )
    told = [t.line for t in (*statement.transfers, *statement.already_booked)] + [
        fault.line for fault in statement.faults
    ]
    assert sorted(told) == [2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("meanwhile", ["booked", "renamed", "moved", "decided"])
def test_a_file_that_would_book_otherwise_than_was_shown_is_refused(account, other, meanwhile):
    lines = [line(), line("CMB-2")]
    seen = read(*lines).fingerprint
    if meanwhile == "booked":
        book(account)
    if meanwhile == "renamed":
        Account.objects.filter(pk=account.pk).update(certified_name="Another Name Ltd.")
    if meanwhile == "moved":
        account.remittance_account.delete()
        RemittanceAccount.objects.filter(account=other).update(account_number=OURS)
    if meanwhile == "decided":
        Account.objects.filter(pk=account.pk).update(currency="USD")
    before = LedgerEntry.objects.count()
    with pytest.raises(Refused, match="is outdated") as caught:
        book_file(*lines, seen=seen, without_faults=True)
    assert caught.value.code == "transition_not_allowed"
    assert LedgerEntry.objects.count() == before


def test_another_file_than_the_one_shown_is_refused(account):
    seen = read(line()).fingerprint
    for changed in (line(amount="100.01"), line(note="x"), line("CMB-9"), line(day="")):
        with pytest.raises(Refused, match="is outdated"):
            book_file(changed, seen=seen)
    assert amounts(account) == []


def test_only_those_with_the_right_book(account):
    with pytest.raises(Refused) as caught:
        book_file(line(), by=reader())
    assert caught.value.code == "permission_denied"
    assert amounts(account) == []


def test_the_sums_are_by_currency(account):
    factories.RemittanceAccountFactory(account=factories.AccountFactory(currency="USD"), account_number="9")
    statement = read(line(), line("CMB-2", "9", "5.00", "USD"), line("CMB-3", amount="0.50"))
    assert statement.totals == [("CNY", Decimal("100.50")), ("USD", Decimal("5.00"))]


def test_reading_takes_two_statements_whatever_the_length(account, django_assert_max_num_queries):
    lines = [line(f"CMB-{i}") for i in range(500)]
    with django_assert_max_num_queries(2):
        assert len(read(*lines).transfers) == 500


def test_booking_takes_few_statements_whatever_the_length(account, django_assert_max_num_queries):
    content = file_of(*[line(f"CMB-{i}") for i in range(500)])
    seen, by = read_statement(content).fingerprint, clerk()
    with django_assert_max_num_queries(16):  # SQLite takes a hundred rows at a time
        book_statement(content=content, seen=seen, by=by)
    assert len(amounts(account)) == 500


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_staff_who_book_one_file_at_once_one_does(account, other):
    lines = [line(f"CMB-{i}", number=(OURS, THEIRS)[i % 2]) for i in range(20)]
    seen = read(*lines).fingerprint
    staff = [clerk() for _ in range(6)]
    outcomes = at_once([lambda by=by: book_file(*lines, seen=seen, by=by) for by in staff])
    assert len([outcome for outcome in outcomes if isinstance(outcome, Statement)]) == 1, outcomes
    assert {outcome.code for outcome in outcomes if isinstance(outcome, Refused)} == {"transition_not_allowed"}
    assert len([outcome for outcome in outcomes if isinstance(outcome, Refused)]) == 5
    assert (len(amounts(account)), len(amounts(other))) == (10, 10)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_files_that_overlap_book_each_reference_once(account, other):
    """The same references in opposite order and for other accounts: only the constraint sees that."""
    forth = [line(f"CMB-{i}") for i in range(20)]
    back = [line(f"CMB-{i}", number=THEIRS) for i in reversed(range(20))]
    plans = [(lines, read(*lines).fingerprint, clerk()) for lines in (forth, back) * 3]
    outcomes = at_once([lambda plan=plan: book_file(*plan[0], seen=plan[1], by=plan[2]) for plan in plans])
    assert len([outcome for outcome in outcomes if isinstance(outcome, Statement)]) == 1, outcomes
    assert {outcome.code for outcome in outcomes if isinstance(outcome, Refused)} == {"transition_not_allowed"}
    assert LedgerEntry.objects.count() == 20
    assert 0 in (len(amounts(account)), len(amounts(other)))
