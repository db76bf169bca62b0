"""A CSV file of orders into the database: streamed, all or nothing unless asked otherwise."""

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TextIO

from django.conf import settings
from django.db import connection, reset_queries, transaction
from django.utils import timezone

from billing.batches import in_batches
from billing.errors import Fault, Refused
from billing.transactions import in_transaction
from orders.importing.batches import write_orders
from orders.importing.rows import COLUMNS, OrderRow, read_row

BATCH = 1000
"""Rows held in memory and written at once."""
ERRORS_KEPT = 100
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
    """Rows by outcome, the first ERRORS_KEPT of all errors and of all warnings by line, the codes of new products;
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
    """Import a CSV file, opened with `newline=""` and, so that wrong bytes can be named, `errors="surrogateescape"`.

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
    for batch in in_batches(read_records(file), BATCH):
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
    batch: list[tuple[int, dict[str, str] | Refused]],
    seen: dict[str, int],
    summary: Summary,
    *,
    now: datetime,
    support_new_products: bool,
) -> None:
    """Write the sound rows of a batch and add all to `summary`; `seen` has the line of each number so far."""
    rows: dict[int, OrderRow] = {}
    faults: dict[int, tuple[Fault, ...]] = {}
    for line, record in batch:
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
        room = ERRORS_KEPT - len(summary.warnings)
        summary.warnings += _errors_at(line, outcome.warnings[:room])
    summary.rows["failed"] += len(batch) - len(rows)
    for line in sorted(faults):
        summary.error_count += len(faults[line])
        room = ERRORS_KEPT - len(summary.errors)
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


def read_records(file: TextIO) -> Iterator[tuple[int, dict[str, str] | Refused]]:
    """Each record below the header: the physical line it begins on, and its text by column or what is wrong with it.

    Blank lines are passed over. Raises Refused where the header is wrong.
    """
    reader = csv.reader(file, strict=True)
    columns = _header(reader)
    while True:
        line = reader.line_num + 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            last = f" (read up to line {reader.line_num})" if reader.line_num > line else ""
            yield line, Refused("invalid", f"Not CSV: {error}{last}. Is a quotation mark missing or too many?")
            continue
        if not record:
            continue
        if len(record) == len(columns):
            yield line, dict(zip(columns, record, strict=True))
        else:
            yield line, Refused("invalid", f"{len(record)} fields; the header has {len(columns)}.")


def _header(reader: Iterator[list[str]]) -> list[str]:
    """The columns that the first line names. Raises Refused saying all that is wrong with them."""
    try:
        columns = [name.strip() for name in next(reader)]
    except StopIteration:
        raise Refused("invalid", "The file is empty. Its first line must name the columns.") from None
    except csv.Error as error:
        raise Refused("invalid", f"Line 1 is not CSV: {error}.") from error
    count: Mapping[str, int] = Counter(columns)
    wrong = {
        "missing columns": [name for name in COLUMNS if name not in count],
        "unknown columns": [ascii(name[:40]) for name in count if name not in COLUMNS],
        "columns named twice": [name for name in COLUMNS if count.get(name, 0) > 1],
    }
    if any(wrong.values()):
        said = "; ".join(f"{what}: {_listed(names)}" for what, names in wrong.items() if names)
        raise Refused("invalid", f"The header, line 1, is wrong: {said}. It must be comma-separated UTF-8 text.")
    return columns


def _listed(names: list[str]) -> str:
    """The first names and the number of the others."""
    more = f" and {len(names) - len(COLUMNS)} more" if len(names) > len(COLUMNS) else ""
    return ", ".join(names[: len(COLUMNS)]) + more
