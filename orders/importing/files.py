"""A CSV file of orders into the database: streamed, all or nothing unless asked otherwise."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TextIO

from django.conf import settings
from django.db import connection, reset_queries, transaction
from django.utils import timezone

from billing.batches import in_batches
from billing.csv_files import Row, read_csv
from billing.errors import MAX_FAULTS, Fault, Refused
from billing.transactions import in_transaction
from orders.importing.batches import write_orders
from orders.importing.rows import COLUMNS, OrderRow, read_row

BATCH = 1000
"""Rows held in memory and written at once."""
FILE_LOCK = 0x0F11E
"""Key of the advisory lock that imports of files take on PostgreSQL; nothing else here takes one."""


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with the row that begins on physical line `line`; `column` is empty where it is the whole row."""

    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.column}: {self.reason}" if self.column else f"line {self.line}: {self.reason}"


@dataclass
class Summary:
    """Rows by outcome, the first MAX_FAULTS of all errors and of all warnings by line, the codes of new products;
    whether it was kept. Warnings name rows that were written and cannot enter a contract.
    """

    rows: Counter[str] = field(default_factory=Counter)
    errors: list[RowError] = field(default_factory=list)
    error_count: int = 0
    warnings: list[RowError] = field(default_factory=list)
    warning_count: int = 0
    new_products: list[str] = field(default_factory=list)
    written: bool = True


def import_file(
    file: TextIO,
    *,
    skip_errors: bool = False,
    support_new_products: bool = False,
    progress: Callable[[], None] = lambda: None,
) -> Summary:
    """Import a CSV file that `open_csv` opened.

    One transaction: where a row is wrong nothing is written, unless `skip_errors`, which leaves out the wrong rows.
    Memory holds a batch, and of the rows before it their numbers alone. `progress` is called after each batch.
    Raises Refused where the header is wrong.
    """
    return _import_all(file, skip_errors, support_new_products, progress)


@in_transaction  # an import by API may hold some of the same orders
def _import_all(file: TextIO, skip_errors: bool, support_new_products: bool, progress: Callable[[], None]) -> Summary:
    _wait_for_other_files()
    file.seek(0)  # this may be another attempt
    summary, seen, now = Summary(), dict[str, int](), timezone.now()
    for batch in in_batches(read_csv(file, required=COLUMNS), BATCH):
        _import_batch(batch, seen, summary, now=now, support_new_products=support_new_products)
        progress()
        if settings.DEBUG:
            reset_queries()  # Django keeps every statement then
    if summary.rows["failed"] and not skip_errors:
        transaction.set_rollback(True)
        summary.written = False
    return summary


def _wait_for_other_files() -> None:
    """Import one file at a time, until the end of the transaction.

    A file locks orders batch by batch in its own order: two that hold the same orders would deadlock, again and again.
    On SQLite every writer waits for the others anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FILE_LOCK])


def _import_batch(
    batch: Sequence[Row],
    seen: dict[str, int],
    summary: Summary,
    *,
    now: datetime,
    support_new_products: bool,
) -> None:
    """Write the sound rows of a batch and add all to `summary`; `seen` has the line of each number so far."""
    rows: dict[int, OrderRow] = {}
    faults: dict[int, tuple[Fault, ...]] = {}
    for line, _cells, record in batch:
        try:
            rows[line] = _checked(line, record, seen)
        except Refused as refused:
            faults[line] = refused.faults
    written = write_orders(list(rows.values()), now=now, support_new_products=support_new_products)
    summary.new_products += written.new_products
    for line, outcome in zip(rows, written.outcomes, strict=True):
        summary.rows[outcome.outcome] += 1
        if outcome.faults:
            faults[line] = outcome.faults
        summary.warning_count += len(outcome.warnings)
        room = MAX_FAULTS - len(summary.warnings)
        summary.warnings += _errors_at(line, outcome.warnings[:room])
    summary.rows["failed"] += len(batch) - len(rows)
    for line in sorted(faults):
        summary.error_count += len(faults[line])
        room = MAX_FAULTS - len(summary.errors)
        summary.errors += _errors_at(line, faults[line][:room])


def _errors_at(line: int, faults: Sequence[Fault]) -> list[RowError]:
    return [RowError(line, fault.pointer.lstrip("/"), fault.detail) for fault in faults]


def _checked(line: int, record: dict[str, str] | Refused, seen: dict[str, int]) -> OrderRow:
    """The order of a record. Raises Refused, also where its number stands on a line before."""
    if isinstance(record, Refused):
        raise record
    row = read_row(record)
    first = seen.setdefault(row.number, line)
    if first != line:
        raise Refused("invalid", f"Order {row.number} stands on line {first} already.", pointer="/number")
    return row
