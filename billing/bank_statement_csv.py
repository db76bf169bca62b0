"""A bank statement as text, line by line: what the CSV file says by itself. No database here."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO

from django.utils.translation import gettext as _

from common.csv_files import Row, mangled_by_spreadsheet, open_csv, read_csv
from common.errors import Fault, Refused
from common.normal_forms import normalise_code, normalise_identifier, normalise_line

LARGEST_STATEMENT = 1024 * 1024
"""Bytes."""
MOST_LINES = 5_000
SHOWN = 160
"""Characters of a wrong line."""
REQUIRED = ("bank_reference", "remittance_account", "amount", "currency")
OPTIONAL = ("received_on", "note")
COLUMNS = (*REQUIRED, *OPTIONAL)
AMOUNT = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,10})?")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class LineFault:
    """What is wrong on physical line `line` (the header is line 1); `column` is empty where it is all of the line."""

    line: int
    text: str
    """What stands there, shortened."""
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Line:
    """One transfer as the bank tells it: texts, reference and remittance account in their normal forms."""

    line: int
    text: str
    bank_reference: str
    remittance_account: str
    amount: Decimal
    currency: str
    received_on: date | None
    note: str


def read_lines(content: bytes) -> tuple[list[Line], list[LineFault]]:
    """The readable lines of a CSV file of at most 1 MB and 5,000 lines, and what is wrong with the others.

    Raises Refused `too_large`, or `invalid` where it is no text or the header is wrong.
    """
    if len(content) > LARGEST_STATEMENT:
        raise Refused("too_large", _("The file is larger than 1 MB."))
    lines, faults = list[Line](), list[LineFault]()
    for count, row in enumerate(read_csv(open_csv(BytesIO(content)), required=REQUIRED, optional=OPTIONAL)):
        if count == MOST_LINES:
            raise Refused("too_large", _("The file has more than %(limit)s lines.") % {"limit": f"{MOST_LINES:,}"})
        try:
            lines.append(_read_line(row))
        except Refused as refused:
            faults += faults_at(row.line, _shortened(row.cells), refused)
    return lines, faults


def faults_at(line: int, text: str, refused: Refused) -> list[LineFault]:
    return [LineFault(line, text, fault.pointer.lstrip("/"), fault.detail) for fault in refused.faults]


def _read_line(row: Row) -> Line:
    """Raises Refused with one fault a column."""
    record = row.values
    if isinstance(record, Refused):
        raise record
    faults = [
        Fault("invalid", _("It holds a NUL character."), f"/{column}")
        for column, text in record.items()
        if "\x00" in text
    ]
    texts = {column: normalise_line(record.get(column, "")) for column in COLUMNS}
    if not AMOUNT.fullmatch(texts["amount"]):
        sentence = _("%(text)s is no amount: digits, and a point before the decimals.")
        faults.append(Fault("invalid", sentence % {"text": _quoted(texts["amount"])}, "/amount"))
    if mangled := mangled_by_spreadsheet(texts["remittance_account"]):
        faults.append(Fault("invalid", mangled, "/remittance_account"))
    received_on = _day(texts["received_on"])
    if texts["received_on"] and received_on is None:
        sentence = _("%(text)s is no date such as 2026-11-22.")
        faults.append(Fault("invalid", sentence % {"text": _quoted(texts["received_on"])}, "/received_on"))
    if faults:
        raise Refused.because(faults)
    return Line(
        line=row.line,
        text=_shortened(row.cells),
        bank_reference=normalise_code(texts["bank_reference"]),
        remittance_account=normalise_identifier(texts["remittance_account"]),
        amount=Decimal(texts["amount"]),
        currency=texts["currency"].upper(),
        received_on=received_on,
        note=texts["note"],
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        return None


def _shortened(cells: list[str]) -> str:
    """A line to be found again by."""
    text = normalise_line(", ".join(cells))
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _quoted(text: str) -> str:
    return f"“{text[:40]}”"
