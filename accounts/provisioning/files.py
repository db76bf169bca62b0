"""Import a CSV file of accounts, streamed and in one transaction (docs/operations.md has the format)."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TextIO

from django.conf import settings
from django.db import reset_queries, transaction
from django.utils.translation import gettext as _

from accounts.access.actors import Actor
from accounts.models import PartyProfile
from accounts.provisioning.batches import write_accounts
from accounts.provisioning.rows import AccountRow
from common.chunks import in_chunks
from common.csv_files import Row, RowError, read_csv
from common.errors import MAX_FAULTS, Fault, Refused
from common.normal_forms import normalise_code
from common.transactions import in_transaction

BATCH_ROWS = 500
"""Rows kept in memory and stored at a time."""
OWN_COLUMNS = ("number", "name", "currency", "kind", "credit_code", "time_zone")
TEST_COLUMN = "test"
TEST_VALUES = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
OWNER_COLUMNS = ("owner_username", "owner_email")
COLUMNS = (*OWN_COLUMNS, TEST_COLUMN, *PartyProfile.DETAILS, *OWNER_COLUMNS)
REQUIRED_COLUMNS = OWN_COLUMNS[:3]


@dataclass
class ImportSummary:
    """The result of a file import, with the first MAX_FAULTS errors by line."""

    rows: Counter[str] = field(default_factory=Counter)
    """Number of rows by outcome."""
    errors: list[RowError] = field(default_factory=list)
    error_count: int = 0
    written: bool = True


@in_transaction
def import_file(
    file: TextIO, *, skip_errors: bool = False, progress: Callable[[], None] = lambda: None, by: Actor
) -> ImportSummary:
    """Import a CSV file opened by `open_csv`, in one transaction.

    A faulty row rolls everything back, unless `skip_errors` leaves out the faulty rows. `progress` is called after each
    batch. Raises Refused for a wrong header.
    """
    file.seek(0)  # this may be a retry
    summary, lines = ImportSummary(), dict[str, int]()
    optional = [column for column in COLUMNS if column not in REQUIRED_COLUMNS]
    for batch in in_chunks(read_csv(file, required=REQUIRED_COLUMNS, optional=optional), BATCH_ROWS):
        _import_batch(batch, lines, summary, by)
        progress()
        if settings.DEBUG:
            reset_queries()  # Django records every query in debug mode
    if summary.rows["failed"] and not skip_errors:
        transaction.set_rollback(True)
        summary.written = False
    return summary


def read_row(values: Mapping[str, str]) -> AccountRow:
    """Return the row that a record states, text by column. An empty cell leaves the value as it is.

    Raises Refused `invalid` for an unreadable mark of a test account.
    """
    given = {column: text.strip() for column, text in values.items() if text.strip()}
    username, email = (given.get(column, "") for column in OWNER_COLUMNS)
    return AccountRow(
        number=given.get("number", ""),
        **{name: given.get(name) for name in OWN_COLUMNS[1:]},
        is_test=_read_test(given.get(TEST_COLUMN)),
        party_a={name: given[name] for name in PartyProfile.DETAILS if name in given},
        owner={"username": username, "email": email} if username or email else None,
    )


def _read_test(text: str | None) -> bool | None:
    if text is not None and text.lower() not in TEST_VALUES:
        raise Refused("invalid", _("Write true or false, or leave the cell empty."), pointer=f"/{TEST_COLUMN}")
    return TEST_VALUES[text.lower()] if text else None


def _import_batch(batch: Sequence[Row], lines: dict[str, int], summary: ImportSummary, by: Actor) -> None:
    """Store the valid rows of a batch and add all rows to `summary`. `lines`: account number → line of earlier rows."""
    rows: dict[int, AccountRow] = {}
    faults: dict[int, tuple[Fault, ...]] = {}
    for line, _cells, record in batch:
        try:
            rows[line] = _read_new_row(line, record, lines)
        except Refused as refused:
            faults[line] = refused.faults
    summary.rows["failed"] += len(faults)
    for line, outcome in zip(rows, write_accounts(list(rows.values()), by=by), strict=True):
        summary.rows[outcome.outcome] += 1
        if outcome.faults:
            faults[line] = outcome.faults
    for line in sorted(faults):
        summary.error_count += len(faults[line])
        room = MAX_FAULTS - len(summary.errors)
        summary.errors += [RowError(line, _get_column(fault), fault.detail) for fault in faults[line][:room]]


def _read_new_row(line: int, record: dict[str, str] | Refused, lines: dict[str, int]) -> AccountRow:
    """Read a record. Raises Refused if it is malformed or its number occurs on an earlier line."""
    if isinstance(record, Refused):
        raise record
    row = read_row(record)
    first = lines.setdefault(normalise_code(row.number).casefold(), line)
    if first != line:
        detail = _("Account %(number)s is already on line %(line)d.") % {"number": row.number, "line": first}
        raise Refused("invalid", detail, pointer="/number")
    return row


def _get_column(fault: Fault) -> str:
    """Return the column that a fault of a row is about."""
    return fault.pointer.removeprefix("/party_a").lstrip("/").replace("/", "_")
