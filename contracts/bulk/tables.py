"""Contracts and their order lines as tables for spreadsheets (R43)."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.chunks import in_chunks
from common.money import quantise
from common.tables import Cell, Table
from contracts.documents.files import current
from contracts.documents.snapshots import printed_code
from contracts.models import Contract, ContractOrder
from contracts.models.querysets import ContractQuerySet
from orders.facts import FACTS, Fact, Type

CHUNK = 500
"""Contracts in memory at a time."""

Line = dict[str, Any]
"""An order as frozen in a contract (documents/snapshots.py)."""


def _hash(contract: Contract) -> str:
    return "" if contract.status_at == Contract.Status.VOIDED else current(contract).sha256


Columns = tuple[tuple[Promise, Callable[[Contract], Cell]], ...]

CONTRACT_COLUMNS: Columns = (
    (_("Contract No."), lambda contract: contract.number),
    (_("Contract type"), lambda contract: contract.get_type_display()),
    (_("Status"), lambda contract: str(Contract.Status(contract.status_at).label)),
    (_("Party A"), lambda contract: contract.party_a["name"]),
    (_("Party B"), lambda contract: contract.party_b["name"]),
    (_("Currency"), lambda contract: contract.currency),
    (_("Total amount"), lambda contract: quantise(contract.total_amount, contract.currency)),
    (_("Number of orders"), lambda contract: contract.order_count),
    (_("Application time"), lambda contract: contract.applied_at),
    (_("Official since"), lambda contract: contract.official_at),
    (_("Valid from"), lambda contract: contract.valid_from),
    (_("Valid until"), lambda contract: contract.valid_until),
    (_("Expires"), lambda contract: contract.expires_at),
    (_("Voided on"), lambda contract: contract.voided_at),
    (_("Invalid since"), lambda contract: contract.invalid_since),
    (_("PO number"), lambda contract: contract.po_number),
    (_("Remarks"), lambda contract: contract.remarks),
    (_("Verification code"), lambda contract: printed_code(contract.verification_code)),
    (_("SHA-256 of the document"), _hash),
    (_("Test"), lambda contract: "TEST" if contract.is_test else ""),
)
CUSTOMER_COLUMNS: Columns = (
    (_("Account number"), lambda contract: contract.account.number),
    (_("Customer"), lambda contract: contract.account.certified_name),
)
"""For staff, who see contracts of all accounts."""
LINE_FACTS = tuple(fact for fact in FACTS if fact.printed)
LINE_TIMES = ((_("Ordered"), "ordered_at"), (_("Payment deadline"), "payment_deadline"), (_("Paid on"), "paid_at"))


def contract_sheets(contracts: ContractQuerySet, columns: Columns = CONTRACT_COLUMNS) -> list[Table]:
    """Return a table with a row a contract and one with a row an order line."""
    return [
        Table(gettext("Contracts"), _titles(columns), (_cells(one, columns) for one in _read(contracts))),
        Table(
            gettext("Orders"),
            [gettext("Contract No."), *_line_titles()],
            ((contract.number, *_line_cells(line, contract)) for contract, line in _lines(contracts)),
        ),
    ]


def order_line_table(contracts: ContractQuerySet, columns: Columns = CONTRACT_COLUMNS) -> Table:
    """Return one table with a row an order line, each with its contract's columns first."""
    rows = (_cells(contract, columns) + _line_cells(line, contract) for contract, line in _lines(contracts))
    return Table(gettext("Contracts"), _titles(columns) + _line_titles(), rows)


def _titles(columns: Columns) -> list[str]:
    return [str(title) for title, _cell in columns]


def _line_titles() -> list[str]:
    facts = [str(fact.field.verbose_name) for fact in LINE_FACTS]
    titles = [gettext("Order No."), gettext("Product"), *facts, *(str(title) for title, _name in LINE_TIMES)]
    return [title[:1].upper() + title[1:] for title in titles]


def _cells(contract: Contract, columns: Columns) -> list[Cell]:
    return [cell(contract) for _title, cell in columns]


def _line_cells(line: Line, contract: Contract) -> list[Cell]:
    facts = [_fact_cell(fact, line.get(fact.name), contract.currency) for fact in LINE_FACTS]
    return [line["number"], line["product_name"], *facts, *(_time(line[name]) for _title, name in LINE_TIMES)]


def _fact_cell(fact: Fact, frozen: Any, currency: str) -> Cell:
    if fact.type is Type.AMOUNT and frozen:
        return quantise(Decimal(frozen), currency)
    if fact.type is Type.PERCENT and frozen:
        return Decimal(frozen)
    if fact.type is Type.TIME:
        return _time(frozen)
    if fact.type is Type.CHOICE:
        return str(dict(fact.field.flatchoices).get(frozen, frozen))
    cell: Cell = frozen
    return cell


def _time(frozen: str | None) -> datetime | None:
    return datetime.fromisoformat(frozen) if frozen else None


def _read(contracts: ContractQuerySet) -> Iterator[Contract]:
    return contracts.iterator(chunk_size=CHUNK)


def _lines(contracts: ContractQuerySet) -> Iterator[tuple[Contract, Line]]:
    for chunk in in_chunks(_read(contracts), CHUNK):
        frozen = _frozen_lines(chunk)
        for contract in chunk:
            yield from ((contract, line) for line in frozen[contract.pk])


def _frozen_lines(contracts: Iterable[Contract]) -> dict[int, list[Line]]:
    lines: dict[int, list[Line]] = {contract.pk: [] for contract in contracts}
    found = ContractOrder.objects.filter(contract__in=lines).order_by("contract", "pk")
    for contract, snapshot in found.values_list("contract", "snapshot"):
        lines[contract].append(snapshot)
    return lines
