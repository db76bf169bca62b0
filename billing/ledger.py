"""The account's ledger as its members read it: newest first, with the balance after every entry."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from billing.models import LedgerEntry
from common.money_fields import SumOfMoney
from common.paging import Page, page_of


class Kind(TextChoices):
    REMITTANCE = "remittance", _("Remittance")
    ORDER_PAYMENT = "order_payment", _("Order payment")
    CHARGE = "charge", _("Other charge")
    COUNTER_ENTRY = "counter_entry", _("Counter-entry")


@dataclass(frozen=True, slots=True)
class Line:
    entry: LedgerEntry
    balance: Decimal
    """After the entry, in the account's currency."""

    @property
    def kind(self) -> Kind:
        return kind_of(self.entry)


def balance_of(account: Account) -> Decimal:
    """Return the sum of the account's ledger, in the account's currency."""
    return LedgerEntry.objects.filter(account=account).aggregate(total=SumOfMoney("amount"))["total"] or Decimal(0)


def kind_of(entry: LedgerEntry) -> Kind:
    if entry.reverses_id:
        return Kind.COUNTER_ENTRY
    if entry.order_number:
        return Kind.ORDER_PAYMENT
    return Kind.REMITTANCE if entry.amount > 0 else Kind.CHARGE


def ledger_page(account: Account, number: str | None, *, balance: Decimal, size: int) -> Page[Line]:
    """Page `number` of the ledger, whose sum is `balance`; two statements whatever its length."""
    entries = account.ledger.order_by("-booked_at", "-pk")
    page = page_of(entries.select_related("reverses"), number, size=size)
    newer = entries[: (page.number - 1) * size]
    booked_later = newer.aggregate(total=SumOfMoney("amount"))["total"] or Decimal(0)
    return Page(_lines(page.rows, balance - booked_later), page.number, page.more)


def _lines(entries: Sequence[LedgerEntry], balance: Decimal) -> list[Line]:
    """The entries, newest first; `balance` is the one after the first of them."""
    lines = []
    for entry in entries:
        lines.append(Line(entry, balance))
        balance -= entry.amount
    return lines
