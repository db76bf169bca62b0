"""Book received money to an account's ledger, and reverse it by a counter-entry."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.access.actors import Actor
from accounts.models import Account
from billing.ledger import EntryKind, get_entry_kind
from billing.models import LedgerEntry
from common.csv_files import describe_spreadsheet_damage
from common.days import EARLIEST_DAY
from common.errors import Fault, Refused
from common.future_times import is_future_day
from common.money import is_exact, minor_units
from common.normal_forms import normalise_code, normalise_line
from common.texts import find_length_faults, validate_text
from common.transactions import in_transaction

AMOUNT_LIMIT = Decimal(10) ** 13
"""Amounts must be below this limit."""
MAX_REFERENCE_CHARS = 64


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
    """Book money that the bank received for `account`.

    `currency` is that of the transfer and must be the account's. `received_on` is the bank's day. `note` (up to 200
    characters) is shown to the customer. A bank reference can be booked again only after all its bookings are reversed.
    Raises Refused: `permission_denied`, `invalid` with a fault for each field, `transition_not_allowed` at
    /bank_reference if it is already booked.
    """
    by.require_to_act()
    by.require_no_conflict(account_id=account.pk)
    if needs_second_person(amount):
        by.require_second_person()
    account = Account.objects.select_for_update().get(pk=account.pk)
    entry = build_remittance_entry(
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
    except IntegrityError:  # booked concurrently to another account, which only the unique constraint detects
        raise Refused("transition_not_allowed", describe_concurrent_booking(), pointer="/bank_reference") from None
    return entry


def build_remittance_entry(
    *, account: Account, amount: Decimal, currency: str, bank_reference: str, received_on: date | None, note: str
) -> LedgerEntry:
    """Return the unsaved entry that `book_remittance` would book now. Raises Refused as that does."""
    bank_reference, note = normalise_code(bank_reference), normalise_line(note)
    if faults := find_remittance_faults(account, amount, currency, bank_reference, received_on, note):
        raise Refused.because(faults)
    earlier = list(find_bookings([bank_reference]))
    for booking in earlier:
        if not is_reversed(booking):
            raise Refused("transition_not_allowed", describe_earlier_booking(booking), pointer="/bank_reference")
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
    """Reverse a remittance and return the counter-entry, which has the opposite amount.

    The balance may become negative. `note` gives the reason and is shown to the customer.
    Raises Refused: `permission_denied`, `invalid` for the note, `transition_not_allowed` if the entry is not a
    remittance or is already reversed.
    """
    by.require_to_act()
    by.require_no_conflict(account_id=entry.account_id)
    note = validate_text(LedgerEntry, "note", note, pointer="/note", missing=_("Enter the reason for the reversal."))
    account = Account.objects.select_for_update().get(pk=entry.account_id)
    entry = LedgerEntry.objects.select_for_update().get(pk=entry.pk)
    if not is_remittance(entry):
        raise Refused("transition_not_allowed", _("Only remittances can be reversed here."))
    if is_reversed(entry):
        raise Refused("transition_not_allowed", _("This remittance has already been reversed."))
    if needs_second_person(entry.amount):
        by.require_second_person()
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


def needs_second_person(amount: Decimal) -> bool:
    """Return True if a manual booking over this amount takes two people (R45)."""
    return bool(settings.FOUR_EYES) and amount > settings.FOUR_EYES_BOOKINGS_OVER


def find_bookings(references: Collection[str]) -> "QuerySet[LedgerEntry]":
    """Return all bookings of these bank references, including reversed ones, the latest last. Uses an index."""
    bookings = LedgerEntry.objects.filter(~Q(bank_reference=""), bank_reference__in=references, reverses=None)
    return bookings.select_related("account", "reversed_by").order_by("booking")


def is_remittance(entry: LedgerEntry) -> bool:
    """Return True if the entry is money received, not an order payment, another charge or a counter-entry."""
    return get_entry_kind(entry) == EntryKind.REMITTANCE


def is_reversed(entry: LedgerEntry) -> bool:
    """Return True if a counter-entry reverses the entry. Costs a query unless `reversed_by` is loaded."""
    return hasattr(entry, "reversed_by")


def describe_earlier_booking(entry: LedgerEntry) -> str:
    facts = {
        "reference": entry.bank_reference,
        "account": str(entry.account),
        "at": date_format(timezone.localtime(entry.booked_at), "Y-m-d H:i"),
    }
    return _("%(reference)s was already booked to account %(account)s on %(at)s.") % facts


def describe_concurrent_booking() -> str:
    return _("Somebody else has just booked the same bank reference. Check the ledger.")


def find_remittance_faults(
    account: Account, amount: Decimal, currency: str, bank_reference: str, received_on: date | None, note: str
) -> list[Fault]:
    """Return all faults of a remittance that can be found without a query. Texts must be normalised."""
    faults = find_amount_faults(amount, account.currency)
    if currency != account.currency:
        facts = {"account": account.number, "currency": account.currency}
        faults.append(Fault("invalid", _("The currency of account %(account)s is %(currency)s.") % facts, "/currency"))
    if not bank_reference:
        faults.append(Fault("invalid", _("Enter the bank's reference for the transfer."), "/bank_reference"))
    elif len(bank_reference) > MAX_REFERENCE_CHARS:
        detail = _("At most %(limit)d characters; %(count)d were given.")
        numbers = {"limit": MAX_REFERENCE_CHARS, "count": len(bank_reference)}
        faults.append(Fault("invalid", detail % numbers, "/bank_reference"))
    if damage := describe_spreadsheet_damage(bank_reference):
        faults.append(Fault("invalid", damage, "/bank_reference"))
    if received_on and is_future_day(received_on, now=timezone.now()):
        faults.append(Fault("invalid", _("This date is in the future."), "/received_on"))
    elif received_on and received_on < EARLIEST_DAY:
        faults.append(Fault("invalid", _("This date is too far in the past."), "/received_on"))
    return faults + find_length_faults(LedgerEntry, "note", note, pointer="/note")


def find_amount_faults(amount: Decimal, currency: str) -> list[Fault]:
    if not amount.is_finite() or amount <= 0:
        sentence = _("The amount must be above zero. To correct a booking, reverse it.")
    elif amount >= AMOUNT_LIMIT:
        sentence = _("The amount is too large.")
    elif not is_exact(amount, currency):
        facts = {"currency": currency, "decimals": minor_units(currency)}
        sentence = _("Amounts in %(currency)s have at most %(decimals)d decimals.") % facts
    else:
        return []
    return [Fault("invalid", sentence, "/amount")]
