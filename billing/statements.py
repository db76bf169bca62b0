"""A bank statement as a CSV file: matched with accounts, shown to staff as what it would book, and booked as shown."""

import hashlib
from collections import defaultdict
from collections.abc import Set
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.access import Actor
from billing.errors import Refused
from billing.models import Account, LedgerEntry, Membership
from billing.money import format_amount
from billing.remittance import accounts_of
from billing.remittances import booked_before, booked_meanwhile, bookings_of, faults_of_remittance, is_reversed
from billing.statement_lines import Line, LineFault, faults_at, read_lines
from billing.transactions import in_transaction

MOST_NAMED = 5
"""Lines that a sentence names."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """A line that can be booked, or was; `amount` in the account's currency."""

    line: int
    account: Account
    amount: Decimal
    bank_reference: str
    received_on: date | None
    note: str


@dataclass(frozen=True, slots=True)
class Statement:
    """What a file would book, what of it was booked before, and what cannot be booked; each by line."""

    transfers: tuple[Transfer, ...]
    known: tuple[Transfer, ...]
    faults: tuple[LineFault, ...]

    @property
    def totals(self) -> list[tuple[str, Decimal]]:
        """(currency, sum of what is to be booked), by currency."""
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for transfer in self.transfers:
            sums[transfer.account.currency] += transfer.amount
        return sorted(sums.items())

    @property
    def wrong_lines(self) -> int:
        return len({fault.line for fault in self.faults})

    @property
    def fingerprint(self) -> str:
        """Differs where anything of what would be booked differs, what was booked, or which lines cannot be."""
        lines = [
            (t.line, str(t.account), t.account.currency, f"{t.amount:f}", t.bank_reference, t.received_on, t.note)
            for t in (*self.transfers, *self.known)
        ]
        faults = [(fault.line, fault.column) for fault in self.faults]
        return hashlib.sha256(repr((len(self.transfers), lines, faults)).encode()).hexdigest()


def read_statement(content: bytes) -> Statement:
    """What the CSV file would book; two statements whatever its length.

    A line is matched by its remittance account's number and known again by its bank reference: the same line in a later
    file was booked before. Raises Refused `too_large`, or `invalid` where it is no text or the header is wrong.
    """
    lines, faults = read_lines(content)
    accounts = accounts_of({line.remittance_account for line in lines})
    bookings = _bookings_of({line.bank_reference for line in lines})
    lines_of: dict[str, list[int]] = defaultdict(list)
    for line in lines:
        lines_of[line.bank_reference].append(line.line)
    transfers, known = list[Transfer](), list[Transfer]()
    for line in lines:
        try:
            transfer = _matched(line, accounts.get(line.remittance_account))
            _require_once(line, lines_of[line.bank_reference])
            (known if _was_booked(transfer, bookings.get(line.bank_reference)) else transfers).append(transfer)
        except Refused as refused:
            faults += faults_at(line.line, line.text, refused)
    return Statement(tuple(transfers), tuple(known), tuple(sorted(faults, key=lambda fault: fault.line)))


@in_transaction
def book_statement(*, content: bytes, seen: str, without_faults: bool = False, by: Actor) -> Statement:
    """Book the new lines of a bank statement, all or none, where it still reads as `seen`, the fingerprint shown.

    Nothing is booked of a file with wrong lines, unless `without_faults`: then these are left out. Locks the accounts
    by pk and reads the file anew: of two who book it at once, one does. Returns what was booked.
    Raises Refused as `read_statement` does, `permission_denied`, `invalid` for wrong lines and where there is nothing
    to book, and `transition_not_allowed` when anything differs from what was shown.
    """
    by.require_to_act()
    paid_to = {transfer.account.pk for transfer in read_statement(content).transfers}
    for own in Membership.objects.filter(account__in=paid_to, user=by.person):
        by.require_no_conflict(account_id=own.account_id)
    list(Account.objects.filter(pk__in=paid_to).select_for_update().order_by("pk"))
    statement = read_statement(content)
    _require_bookable(statement, seen=seen, without_faults=without_faults)
    now = timezone.now()
    entries = [
        LedgerEntry(
            account=transfer.account,
            amount=transfer.amount,
            bank_reference=transfer.bank_reference,
            received_on=transfer.received_on,
            note=transfer.note,
            booked_by_id=by.person,
            booked_at=now,
        )
        for transfer in statement.transfers
    ]
    try:
        with transaction.atomic():
            LedgerEntry.objects.bulk_create(entries)
    except IntegrityError:  # one of the references, for another account, at this moment
        raise Refused("transition_not_allowed", booked_meanwhile()) from None
    return statement


def _require_bookable(statement: Statement, *, seen: str, without_faults: bool) -> None:
    if statement.fingerprint != seen:
        raise Refused(
            "transition_not_allowed",
            _("What this file would book has changed since you saw it. Nothing was booked: check it anew."),
        )
    if statement.faults and not without_faults:
        sentence = _("Lines are wrong. Correct the file, or say that these are to be left out.")
        raise Refused("invalid", sentence, pointer="/without_faults")
    if not statement.transfers:
        raise Refused("invalid", _("There is nothing to book in this file."))


def _bookings_of(references: Set[str]) -> dict[str, LedgerEntry]:
    """Bank reference → its latest booking: earlier ones were all reversed."""
    return {entry.bank_reference: entry for entry in bookings_of(references)}


def _matched(line: Line, account: Account | None) -> Transfer:
    """Raises Refused with what is wrong with the line for the account that it names."""
    if account is None:
        raise Refused("invalid", _("No account has this remittance account number."), pointer="/remittance_account")
    facts = (line.amount, line.currency, line.bank_reference, line.received_on, line.note)
    if faults := faults_of_remittance(account, *facts):
        raise Refused.because(faults)
    return Transfer(line.line, account, line.amount, line.bank_reference, line.received_on, line.note)


def _require_once(line: Line, lines: list[int]) -> None:
    if len(lines) > 1:
        others = ", ".join(str(number) for number in lines[: MOST_NAMED + 1] if number != line.line)
        raise Refused(
            "invalid",
            _("The same reference stands on line %(others)s: neither is booked. Keep the right one.")
            % {"others": others},
            pointer="/bank_reference",
        )


def _was_booked(transfer: Transfer, booking: LedgerEntry | None) -> bool:
    """Raises Refused where the reference was booked otherwise, or was reversed: then it is for people to look at."""
    if booking is None:
        return False
    if is_reversed(booking):
        sentence = _("%(reference)s was booked and reversed. It is not booked again by file: book it by hand.")
        raise Refused("invalid", sentence % {"reference": transfer.bank_reference}, pointer="/bank_reference")
    if booking.account_id != transfer.account.pk:
        raise Refused("invalid", booked_before(booking), pointer="/bank_reference")
    _require_same(transfer, booking)
    return True


def _require_same(transfer: Transfer, booking: LedgerEntry) -> None:
    """Raise Refused where the facts of both differ. A fact that one of them lacks is no difference."""
    reference = transfer.bank_reference
    if booking.amount != transfer.amount:
        sentence = _("%(reference)s was booked with another amount already: %(amount)s.")
        amount = format_amount(booking.amount, transfer.account.currency)
        raise Refused("invalid", sentence % {"reference": reference, "amount": amount}, pointer="/amount")
    if booking.received_on and transfer.received_on and booking.received_on != transfer.received_on:
        sentence = _("%(reference)s was booked with another day already: %(day)s.")
        facts = {"reference": reference, "day": booking.received_on.isoformat()}
        raise Refused("invalid", sentence % facts, pointer="/received_on")
    if booking.note and transfer.note and booking.note != transfer.note:
        sentence = _("%(reference)s was booked with another note already: %(note)s.")
        raise Refused("invalid", sentence % {"reference": reference, "note": booking.note}, pointer="/note")
