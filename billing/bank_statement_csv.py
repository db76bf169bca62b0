"""Parse the lines of a bank statement in CSV. Uses no database."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO

from django.utils.translation import gettext as _

from common.csv_files import Row, describe_spreadsheet_damage, open_csv, read_csv
from common.errors import Fault, Refused
from common.normal_forms import normalise_code, normalise_identifier, normalise_line

MAX_STATEMENT_BYTES = 1024 * 1024
MAX_STATEMENT_LINES = 5_000
MAX_EXCERPT_CHARS = 160
"""Length of a faulty line shown to staff."""
REQUIRED = ("bank_reference", "remittance_account", "amount", "currency")
OPTIONAL = ("received_on", "note")
COLUMNS = (*REQUIRED, *OPTIONAL)
AMOUNT = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,10})?")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class LineFault:
    """A fault on physical line `line` (the header is line 1); `column` is empty if it concerns the whole line."""

    line: int
    text: str
    """The line, shortened."""
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One transfer as the bank reports it, with normalised texts and numbers."""

    line: int
    text: str
    bank_reference: str
    remittance_account: str
    amount: Decimal
    currency: str
    received_on: date | None
    note: str


def read_statement_lines(content: bytes) -> tuple[list[StatementLine], list[LineFault]]:
    """Parse a CSV file of at most 1 MB and 5,000 lines; return its valid lines and the faults of the others.

    Raises Refused `too_large`, or `invalid` if it is not text or the header is wrong.
    """
    if len(content) > MAX_STATEMENT_BYTES:
        raise Refused("too_large", _("The file is larger than 1 MB."))
    lines, faults = list[StatementLine](), list[LineFault]()
    for count, row in enumerate(read_csv(open_csv(BytesIO(content)), required=REQUIRED, optional=OPTIONAL)):
        if count == MAX_STATEMENT_LINES:
            raise Refused(
                "too_large", _("The file has more than %(limit)s lines.") % {"limit": f"{MAX_STATEMENT_LINES:,}"}
            )
        try:
            lines.append(_read_line(row))
        except Refused as refused:
            faults += build_line_faults(row.line, _shorten(row.cells), refused)
    return lines, faults


def build_line_faults(line: int, text: str, refused: Refused) -> list[LineFault]:
    return [LineFault(line, text, fault.pointer.lstrip("/"), fault.detail) for fault in refused.faults]


def _read_line(row: Row) -> StatementLine:
    """Parse a row. Raises Refused with a fault for each invalid column."""
    record = row.values
    if isinstance(record, Refused):
        raise record
    faults = [
        Fault("invalid", _("Contains a NUL character."), f"/{column}")
        for column, text in record.items()
        if "\x00" in text
    ]
    texts = {column: normalise_line(record.get(column, "")) for column in COLUMNS}
    if not AMOUNT.fullmatch(texts["amount"]):
        sentence = _("%(text)s is not an amount such as 1234.50.")
        faults.append(Fault("invalid", sentence % {"text": _quote(texts["amount"])}, "/amount"))
    if mangled := describe_spreadsheet_damage(texts["remittance_account"]):
        faults.append(Fault("invalid", mangled, "/remittance_account"))
    received_on = _parse_day(texts["received_on"])
    if texts["received_on"] and received_on is None:
        sentence = _("%(text)s is not a date such as 2026-11-22.")
        faults.append(Fault("invalid", sentence % {"text": _quote(texts["received_on"])}, "/received_on"))
    if faults:
        raise Refused.because(faults)
    return StatementLine(
        line=row.line,
        text=_shorten(row.cells),
        bank_reference=normalise_code(texts["bank_reference"]),
        remittance_account=normalise_identifier(texts["remittance_account"]),
        amount=Decimal(texts["amount"]),
        currency=texts["currency"].upper(),
        received_on=received_on,
        note=texts["note"],
    )


def _parse_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        return None


def _shorten(cells: list[str]) -> str:
    text = normalise_line(", ".join(cells))
    return text if len(text) <= MAX_EXCERPT_CHARS else f"{text[:MAX_EXCERPT_CHARS]}…"


def _quote(text: str) -> str:
    return f"“{text[:40]}”"
