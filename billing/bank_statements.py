"""Match the lines of a bank statement (CSV) to accounts, preview them for staff, and book them as previewed."""

import hashlib
from collections import defaultdict
from collections.abc import Set
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access.actors import Actor
from accounts.models import Account, Membership
from billing.bank_statement_csv import LineFault, StatementLine, build_line_faults, read_statement_lines
from billing.models import LedgerEntry
from billing.remittance_accounts import find_accounts_by_remittance_number
from billing.remittances import (
    describe_concurrent_booking,
    describe_earlier_booking,
    find_bookings,
    find_remittance_faults,
    is_reversed,
)
from common.errors import Refused
from common.money import format_amount
from common.transactions import in_transaction

MAX_NAMED_LINES = 5
"""Maximum number of lines that an error message lists."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """A line matched to an account; `amount` is in the account's currency."""

    line: int
    account: Account
    amount: Decimal
    bank_reference: str
    received_on: date | None
    note: str


@dataclass(frozen=True, slots=True)
class Statement:
    """The lines of a file by outcome: to be booked, already booked, and faulty."""

    transfers: tuple[Transfer, ...]
    """To be booked."""
    already_booked: tuple[Transfer, ...]
    faults: tuple[LineFault, ...]

    @property
    def totals(self) -> list[tuple[str, Decimal]]:
        """(currency, sum of the transfers), sorted by currency."""
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for transfer in self.transfers:
            sums[transfer.account.currency] += transfer.amount
        return sorted(sums.items())

    @property
    def faulty_line_count(self) -> int:
        return len({fault.line for fault in self.faults})

    @property
    def fingerprint(self) -> str:
        """Checksum over everything that staff see in the preview, to detect changes before booking."""
        lines = [
            (t.line, str(t.account), t.account.currency, f"{t.amount:f}", t.bank_reference, t.received_on, t.note)
            for t in (*self.transfers, *self.already_booked)
        ]
        faults = [(fault.line, fault.column) for fault in self.faults]
        return hashlib.sha256(repr((len(self.transfers), lines, faults)).encode()).hexdigest()


def read_statement(content: bytes) -> Statement:
    """Parse the file and match its lines to accounts, with two queries.

    Accounts are matched by remittance account number, earlier bookings by bank reference, so that the same line in a
    later file is not booked again. Raises Refused `too_large`, or `invalid` if it is not text or the header is wrong.
    """
    lines, faults = read_statement_lines(content)
    accounts = find_accounts_by_remittance_number({line.remittance_account for line in lines})
    bookings = _find_latest_bookings({line.bank_reference for line in lines})
    lines_of: dict[str, list[int]] = defaultdict(list)
    for line in lines:
        lines_of[line.bank_reference].append(line.line)
    transfers, already_booked = list[Transfer](), list[Transfer]()
    for line in lines:
        try:
            transfer = _match_account(line, accounts.get(line.remittance_account))
            _require_unique(line, lines_of[line.bank_reference])
            is_booked = _is_already_booked(transfer, bookings.get(line.bank_reference))
            (already_booked if is_booked else transfers).append(transfer)
        except Refused as refused:
            faults += build_line_faults(line.line, line.text, refused)
    return Statement(tuple(transfers), tuple(already_booked), tuple(sorted(faults, key=lambda fault: fault.line)))


@in_transaction
def book_statement(*, content: bytes, seen: str, without_faults: bool = False, by: Actor) -> Statement:
    """Book the new lines of a bank statement in one transaction and return what was booked.

    `seen`: fingerprint of the preview; nothing is booked if the statement reads differently now. Faulty lines prevent
    booking unless `without_faults` leaves them out. Locks the accounts by primary key, so that only one of two
    simultaneous bookings succeeds.
    Raises Refused as `read_statement` does, `permission_denied`, `invalid` for faulty lines or nothing to book, and
    `transition_not_allowed` if the preview is outdated.
    """
    by.require_to_act()
    account_ids = {transfer.account.pk for transfer in read_statement(content).transfers}
    for membership in Membership.objects.filter(account__in=account_ids, user=by.person):
        by.require_no_conflict(account_id=membership.account_id)
    list(Account.objects.filter(pk__in=account_ids).select_for_update().order_by("pk"))
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
    except IntegrityError:  # a reference was booked concurrently to an account that is not locked here
        raise Refused("transition_not_allowed", describe_concurrent_booking()) from None
    return statement


def _require_bookable(statement: Statement, *, seen: str, without_faults: bool) -> None:
    if statement.fingerprint != seen:
        raise Refused(
            "transition_not_allowed",
            _("The preview of this file is outdated. Nothing was booked. Please check it again."),
        )
    if statement.faults and not without_faults:
        sentence = _("Some lines have errors. Correct the file, or choose to leave these lines out.")
        raise Refused("invalid", sentence, pointer="/without_faults")
    if not statement.transfers:
        raise Refused("invalid", _("This file contains nothing to book."))


def _find_latest_bookings(references: Set[str]) -> dict[str, LedgerEntry]:
    """Return bank reference → its latest booking. All earlier ones are reversed."""
    return {entry.bank_reference: entry for entry in find_bookings(references)}


def _match_account(line: StatementLine, account: Account | None) -> Transfer:
    """Return the line as a transfer to `account`. Raises Refused with all faults of the line."""
    if account is None:
        raise Refused("invalid", _("No account has this remittance account number."), pointer="/remittance_account")
    facts = (line.amount, line.currency, line.bank_reference, line.received_on, line.note)
    if faults := find_remittance_faults(account, *facts):
        raise Refused.because(faults)
    return Transfer(line.line, account, line.amount, line.bank_reference, line.received_on, line.note)


def _require_unique(line: StatementLine, lines: list[int]) -> None:
    if len(lines) > 1:
        others = [str(number) for number in lines[: MAX_NAMED_LINES + 1] if number != line.line]
        sentence = ngettext(
            "Line %(others)s has the same reference, so neither is booked. Keep only the right one.",
            "Lines %(others)s have the same reference, so none of them is booked. Keep only the right one.",
            len(others),
        )
        raise Refused(
            "invalid",
            sentence % {"others": ", ".join(others)},
            pointer="/bank_reference",
        )


def _is_already_booked(transfer: Transfer, booking: LedgerEntry | None) -> bool:
    """Return True if the transfer is booked. Raises Refused if it was reversed or booked with different facts."""
    if booking is None:
        return False
    if is_reversed(booking):
        sentence = _("%(reference)s was booked and reversed. It cannot be booked again from a file; book it by hand.")
        raise Refused("invalid", sentence % {"reference": transfer.bank_reference}, pointer="/bank_reference")
    if booking.account_id != transfer.account.pk:
        raise Refused("invalid", describe_earlier_booking(booking), pointer="/bank_reference")
    _require_same_facts(transfer, booking)
    return True


def _require_same_facts(transfer: Transfer, booking: LedgerEntry) -> None:
    """Raise Refused if the facts differ. A fact that is missing on one side is ignored."""
    reference = transfer.bank_reference
    if booking.amount != transfer.amount:
        sentence = _("%(reference)s is already booked with another amount: %(amount)s.")
        amount = format_amount(booking.amount, transfer.account.currency)
        raise Refused("invalid", sentence % {"reference": reference, "amount": amount}, pointer="/amount")
    if booking.received_on and transfer.received_on and booking.received_on != transfer.received_on:
        sentence = _("%(reference)s is already booked with another date: %(day)s.")
        facts = {"reference": reference, "day": booking.received_on.isoformat()}
        raise Refused("invalid", sentence % facts, pointer="/received_on")
    if booking.note and transfer.note and booking.note != transfer.note:
        sentence = _("%(reference)s is already booked with another note: %(note)s.")
        raise Refused("invalid", sentence % {"reference": reference, "note": booking.note}, pointer="/note")
