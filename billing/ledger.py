"""An account's balance and ledger: entries, newest first, with the balance after each."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from billing.models import LedgerEntry
from common.money_fields import SumOfMoney
from common.paging import Page, page_of


class EntryKind(TextChoices):
    REMITTANCE = "remittance", _("Remittance")
    ORDER_PAYMENT = "order_payment", _("Order payment")
    CHARGE = "charge", _("Other charge")
    COUNTER_ENTRY = "counter_entry", _("Counter-entry")


@dataclass(frozen=True, slots=True)
class LedgerLine:
    entry: LedgerEntry
    balance: Decimal
    """Balance after the entry, in the account's currency."""

    @property
    def kind(self) -> EntryKind:
        return get_entry_kind(self.entry)


def get_balance(account: Account) -> Decimal:
    """Return the sum of the account's ledger, in the account's currency."""
    return LedgerEntry.objects.filter(account=account).aggregate(total=SumOfMoney("amount"))["total"] or Decimal(0)


def get_entry_kind(entry: LedgerEntry) -> EntryKind:
    if entry.reverses_id:
        return EntryKind.COUNTER_ENTRY
    if entry.order_number:
        return EntryKind.ORDER_PAYMENT
    return EntryKind.REMITTANCE if entry.amount > 0 else EntryKind.CHARGE


def get_ledger_page(account: Account, number: str | None, *, balance: Decimal, size: int) -> Page[LedgerLine]:
    """Return page `number` of the ledger, with two queries. `balance` is the current balance."""
    entries = account.ledger.order_by("-booked_at", "-pk")
    page = page_of(entries.select_related("reverses"), number, size=size)
    newer = entries[: (page.number - 1) * size]
    booked_later = newer.aggregate(total=SumOfMoney("amount"))["total"] or Decimal(0)
    return Page(_build_lines(page.rows, balance - booked_later), page.number, page.more)


def _build_lines(entries: Sequence[LedgerEntry], balance: Decimal) -> list[LedgerLine]:
    """Add the balance after each entry. `entries` are newest first; `balance` is the one after the first."""
    lines = []
    for entry in entries:
        lines.append(LedgerLine(entry, balance))
        balance -= entry.amount
    return lines
