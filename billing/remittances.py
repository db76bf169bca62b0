"""Money received: booked to an account's ledger once, and taken back by a counter-entry only."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.access.actors import Actor
from accounts.models import Account
from billing.ledger import Kind, kind_of
from billing.models import LedgerEntry
from common.csv_files import mangled_by_spreadsheet
from common.days import EARLIEST
from common.errors import Fault, Refused
from common.future_times import is_future_day
from common.money import is_exact, minor_units
from common.normal_forms import normalise_code, normalise_line
from common.texts import faults_of_length, fitting
from common.transactions import in_transaction

AMOUNT_LIMIT = Decimal(10) ** 13
"""Amounts from here on are too large."""
LONGEST_REFERENCE = 64


@in_transaction
def book_remittance(
    *,
    account: Account,
    amount: Decimal,
    currency: str,
    bank_reference: str,
    received_on: date | None,
    note: str = "",
    by: Actor,
) -> LedgerEntry:
    """Book money that the bank received for `account`; `currency` is the bank's, and must be the account's.

    A bank reference is booked once; again only after every booking of it was reversed. `received_on` is the bank's day.
    The customer reads `note`, up to 200 characters, in the ledger.
    Raises Refused: `permission_denied`, `invalid` with a fault for each field, `transition_not_allowed` at
    /bank_reference where it was booked before.
    """
    by.require_to_act()
    by.require_no_conflict(account_id=account.pk)
    account = Account.objects.select_for_update().get(pk=account.pk)
    entry = remittance_to_book(
        account=account,
        amount=amount,
        currency=currency,
        bank_reference=bank_reference,
        received_on=received_on,
        note=note,
    )
    entry.booked_by_id, entry.booked_at = by.person, timezone.now()
    try:
        with transaction.atomic():
            entry.save(force_insert=True)
    except IntegrityError:  # for another account, at this moment: only the database sees that
        raise Refused("transition_not_allowed", booked_meanwhile(), pointer="/bank_reference") from None
    return entry


def remittance_to_book(
    *, account: Account, amount: Decimal, currency: str, bank_reference: str, received_on: date | None, note: str
) -> LedgerEntry:
    """The entry as `book_remittance` would book it now, not saved. Raises Refused as that does."""
    bank_reference, note = normalise_code(bank_reference), normalise_line(note)
    if faults := faults_of_remittance(account, amount, currency, bank_reference, received_on, note):
        raise Refused.because(faults)
    earlier = list(bookings_of([bank_reference]))
    for booking in earlier:
        if not is_reversed(booking):
            raise Refused("transition_not_allowed", booked_before(booking), pointer="/bank_reference")
    return LedgerEntry(
        account=account,
        amount=amount,
        bank_reference=bank_reference,
        booking=earlier[-1].booking + 1 if earlier else 1,
        received_on=received_on,
        note=note,
    )


@in_transaction
def reverse_entry(*, entry: LedgerEntry, note: str, by: Actor) -> LedgerEntry:
    """Take back a remittance by an entry of the opposite amount, which it returns; both stay in the ledger.

    The balance may become negative by it. `note` says why, and the customer reads it in the ledger.
    Raises Refused: `permission_denied`, `invalid` for the note, `transition_not_allowed` for what is no remittance or
    was reversed before.
    """
    by.require_to_act()
    by.require_no_conflict(account_id=entry.account_id)
    note = fitting(LedgerEntry, "note", note, pointer="/note", missing=_("Say why the remittance is reversed."))
    account = Account.objects.select_for_update().get(pk=entry.account_id)
    entry = LedgerEntry.objects.select_for_update().get(pk=entry.pk)
    if not is_remittance(entry):
        raise Refused("transition_not_allowed", _("Only remittances are reversed here."))
    if is_reversed(entry):
        raise Refused("transition_not_allowed", _("This remittance was reversed already."))
    return LedgerEntry.objects.create(
        account=account,
        amount=-entry.amount,
        bank_reference=entry.bank_reference,
        booking=entry.booking,
        reverses=entry,
        note=note,
        booked_by_id=by.person,
        booked_at=timezone.now(),
    )


def bookings_of(references: Collection[str]) -> "QuerySet[LedgerEntry]":
    """Every booking of these bank references, also reversed ones, the latest last; found by the index of bookings."""
    named = LedgerEntry.objects.filter(~Q(bank_reference=""), bank_reference__in=references, reverses=None)
    return named.select_related("account", "reversed_by").order_by("booking")


def is_remittance(entry: LedgerEntry) -> bool:
    """Whether the entry is money received; not what an order was paid with, another charge, or a counter-entry."""
    return kind_of(entry) == Kind.REMITTANCE


def is_reversed(entry: LedgerEntry) -> bool:
    """Whether a counter-entry took it back; a statement each, unless `reversed_by` was fetched with the entry."""
    return hasattr(entry, "reversed_by")


def booked_before(entry: LedgerEntry) -> str:
    """The sentence that says where and when a bank reference was booked."""
    facts = {
        "reference": entry.bank_reference,
        "account": str(entry.account),
        "at": date_format(timezone.localtime(entry.booked_at), "Y-m-d H:i"),
    }
    return _("%(reference)s was booked to account %(account)s already, on %(at)s.") % facts


def booked_meanwhile() -> str:
    return _("A bank reference was booked by somebody else at this moment. Check what is in the ledger now.")


def faults_of_remittance(
    account: Account, amount: Decimal, currency: str, bank_reference: str, received_on: date | None, note: str
) -> list[Fault]:
    """All that is wrong with a remittance by itself; the texts are on one line. No statement."""
    faults = faults_of_amount(amount, account.currency)
    if currency != account.currency:
        facts = {"account": account.number, "currency": account.currency}
        faults.append(Fault("invalid", _("Account %(account)s is kept in %(currency)s.") % facts, "/currency"))
    if not bank_reference:
        faults.append(Fault("invalid", _("Give the bank's reference of the transfer."), "/bank_reference"))
    elif len(bank_reference) > LONGEST_REFERENCE:
        detail = _("At most %(limit)d characters; %(count)d were given.")
        numbers = {"limit": LONGEST_REFERENCE, "count": len(bank_reference)}
        faults.append(Fault("invalid", detail % numbers, "/bank_reference"))
    if mangled := mangled_by_spreadsheet(bank_reference):
        faults.append(Fault("invalid", mangled, "/bank_reference"))
    if received_on and is_future_day(received_on, now=timezone.now()):
        faults.append(Fault("invalid", _("This day has not come yet."), "/received_on"))
    elif received_on and received_on < EARLIEST:
        faults.append(Fault("invalid", _("This day is too long ago."), "/received_on"))
    return faults + faults_of_length(LedgerEntry, "note", note, pointer="/note")


def faults_of_amount(amount: Decimal, currency: str) -> list[Fault]:
    if not amount.is_finite() or amount <= 0:
        sentence = _("The amount must be above zero. What was booked wrongly is reversed.")
    elif amount >= AMOUNT_LIMIT:
        sentence = _("The amount is too large.")
    elif not is_exact(amount, currency):
        facts = {"currency": currency, "decimals": minor_units(currency)}
        sentence = _("Amounts in %(currency)s are kept to %(decimals)d decimals here.") % facts
    else:
        return []
    return [Fault("invalid", sentence, "/amount")]
