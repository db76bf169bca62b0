"""Import a CSV file of orders, streamed and in one transaction."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TextIO

from django.conf import settings
from django.db import connection, reset_queries, transaction
from django.utils import timezone

from common.chunks import in_chunks
from common.csv_files import Row, RowError, read_csv
from common.errors import MAX_FAULTS, Fault, Refused
from common.transactions import in_transaction
from orders import facts
from orders.importing.batches import write_orders
from orders.importing.rows import COLUMNS, OrderRow, read_row

BATCH_ROWS = 1000
"""Rows kept in memory and stored at a time."""
FILE_IMPORT_LOCK_KEY = 0x0F11E
"""Key of the PostgreSQL advisory lock for file imports."""


@dataclass
class ImportSummary:
    """The result of a file import, with the first MAX_FAULTS errors and warnings by line.

    Warnings concern rows that were stored but cannot enter a contract.
    """

    rows: Counter[str] = field(default_factory=Counter)
    """Number of rows by outcome."""
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
) -> ImportSummary:
    """Import a CSV file opened by `open_csv`, in one transaction.

    A faulty row rolls everything back, unless `skip_errors` leaves out the faulty rows. Only one batch and the numbers
    of the previous rows are kept in memory. `progress` is called after each batch. Raises Refused for a wrong header.
    """
    return _import_all(file, skip_errors, support_new_products, progress)


@in_transaction  # an import by API may lock the same orders
def _import_all(
    file: TextIO, skip_errors: bool, support_new_products: bool, progress: Callable[[], None]
) -> ImportSummary:
    _lock_file_imports()
    file.seek(0)  # this may be a retry
    summary, seen, now = ImportSummary(), dict[str, int](), timezone.now()
    required = [column for column in COLUMNS if column not in facts.OPTIONAL]
    for batch in in_chunks(read_csv(file, required=required, optional=facts.OPTIONAL), BATCH_ROWS):
        _import_batch(batch, seen, summary, now=now, support_new_products=support_new_products)
        progress()
        if settings.DEBUG:
            reset_queries()  # Django records every query in debug mode
    if summary.rows["failed"] and not skip_errors:
        transaction.set_rollback(True)
        summary.written = False
    return summary


def _lock_file_imports() -> None:
    """Wait for other file imports, and make them wait until the end of this transaction.

    Files lock orders batch by batch in their own order, so two files with the same orders would deadlock repeatedly.
    On SQLite writers wait for each other anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FILE_IMPORT_LOCK_KEY])


def _import_batch(
    batch: Sequence[Row],
    seen: dict[str, int],
    summary: ImportSummary,
    *,
    now: datetime,
    support_new_products: bool,
) -> None:
    """Store the valid rows of a batch and add all rows to `summary`. `seen`: order number → line of earlier rows."""
    rows: dict[int, OrderRow] = {}
    faults: dict[int, tuple[Fault, ...]] = {}
    for line, _cells, record in batch:
        try:
            rows[line] = _validate_row(line, record, seen)
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
        summary.warnings += _build_errors(line, outcome.warnings[:room])
    summary.rows["failed"] += len(batch) - len(rows)
    for line in sorted(faults):
        summary.error_count += len(faults[line])
        room = MAX_FAULTS - len(summary.errors)
        summary.errors += _build_errors(line, faults[line][:room])


def _build_errors(line: int, faults: Sequence[Fault]) -> list[RowError]:
    return [RowError(line, fault.pointer.lstrip("/"), fault.detail) for fault in faults]


def _validate_row(line: int, record: dict[str, str] | Refused, seen: dict[str, int]) -> OrderRow:
    """Parse a record. Raises Refused if it is faulty or its number occurs on an earlier line."""
    if isinstance(record, Refused):
        raise record
    row = read_row(record)
    first = seen.setdefault(row.number, line)
    if first != line:
        raise Refused("invalid", f"Order {row.number} is already on line {first}.", pointer="/number")
    return row
