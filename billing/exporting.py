"""The export of an account's ledger (R43)."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import Account
from billing.ledger import get_entry_kind
from billing.models import LedgerEntry
from common.money import quantise
from common.tables import Cell, Format, Table
from exports.exporters import Exporter, Parameters, register_exporter
from exports.office import OfficeExporter, get_listed_rows, register_office_exporter

CHUNK = 2_000
"""Entries in memory at a time."""


def _count(account: Account, _parameters: Parameters, _now: datetime, most: int) -> int:
    return account.ledger.order_by()[:most].count()


def _tables(account: Account, _parameters: Parameters, _now: datetime, _format: Format) -> list[Table]:
    entries = account.ledger.select_related("account", "reverses").order_by("booked_at", "pk")
    rows = (_cells(entry, balance) for entry, balance in _with_balances(entries))
    return [Table(_("Ledger"), _titles(), rows)]


def _titles() -> list[str]:
    titles = [_("Booked"), _("Kind"), _("Order No."), pgettext("ledger", "Reference"), _("Note"), _("Currency")]
    return [*titles, _("Amount"), _("Balance")]


def _cells(entry: LedgerEntry, balance: Decimal) -> list[Cell]:
    currency = entry.account.currency
    amounts = [quantise(amount, currency) for amount in (entry.amount, balance)]
    kind = str(get_entry_kind(entry).label)
    return [entry.booked_at, kind, entry.order_number, entry.bank_reference, entry.note, currency, *amounts]


def _with_balances(entries: "QuerySet[LedgerEntry]") -> Iterator[tuple[LedgerEntry, Decimal]]:
    """Yield whole ledgers, sorted by account and oldest first, with the account's balance after each entry."""
    account, balance = None, Decimal(0)
    for entry in entries.iterator(chunk_size=CHUNK):
        balance = (balance if entry.account_id == account else Decimal(0)) + entry.amount
        account = entry.account_id
        yield entry, balance


def _count_listed(user: User, parameters: Parameters, _now: datetime, most: int) -> int:
    return get_listed_rows(LedgerEntry, user, parameters["query"]).order_by().values("pk")[:most].count()


def _listed_tables(user: User, parameters: Parameters, _now: datetime, _format: Format) -> list[Table]:
    """Return the listed entries by customer, oldest first. Balances need the entries that are not listed too."""
    listed: Any = get_listed_rows(LedgerEntry, user, parameters["query"])
    entries = LedgerEntry.objects.select_related("account", "reverses").order_by("account", "booked_at", "pk")
    if parameters["query"]:
        entries = entries.filter(account__in=listed.order_by().values("account"))
    rows = (
        [*_customer_cells(entry.account), *_cells(entry, balance)]
        for entry, balance in _listed_only(_with_balances(entries), listed.order_by("account", "booked_at", "pk"))
    )
    return [Table(_("Ledger"), [_("Account number"), _("Customer"), _("Test"), *_titles()], rows)]


def _customer_cells(account: Account) -> list[Cell]:
    return [account.number, account.certified_name, "TEST" if account.is_test else ""]


def _listed_only(
    balanced: Iterable[tuple[LedgerEntry, Decimal]], listed: "QuerySet[Any]"
) -> Iterator[tuple[LedgerEntry, Decimal]]:
    """Yield the entries that `listed` has, too. Both are sorted alike."""
    ids = listed.values_list("pk", flat=True).iterator(chunk_size=CHUNK)
    wanted = next(ids, None)
    for entry, balance in balanced:
        if entry.pk == wanted:
            yield entry, balance
            wanted = next(ids, None)


OFFICE_LEDGER = register_office_exporter(
    OfficeExporter("ledger", "billing.view_ledgerentry", _count_listed, _listed_tables)
)
LEDGER = register_exporter(Exporter("ledger", _count, _tables))
