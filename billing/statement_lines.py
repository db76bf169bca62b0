"""A bank statement as text, line by line: what the CSV file says by itself. No database here."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Any

from django.utils.translation import gettext as _

from billing.errors import Fault, Refused
from billing.normal_forms import normalise_code, normalise_identifier, normalise_line

LARGEST_STATEMENT = 1024 * 1024
"""Bytes."""
MOST_LINES = 5_000
SHOWN = 160
"""Characters of a wrong line."""
REQUIRED = ("bank_reference", "remittance_account", "amount", "currency")
COLUMNS = (*REQUIRED, "received_on", "note")
AMOUNT = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,10})?")
OTHER_SEPARATORS = ";\t|"
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

    Raises Refused `too_large`, or `invalid` where it is no UTF-8 text or the header is wrong.
    """
    lines, faults = list[Line](), list[LineFault]()
    columns, records = _records(_text(content))
    for count, (number, record) in enumerate(records):
        if count == MOST_LINES:
            raise Refused("too_large", _("The file has more than %(limit)s lines.") % {"limit": f"{MOST_LINES:,}"})
        try:
            lines.append(_read_line(number, columns, record))
        except Refused as refused:
            faults += faults_at(number, _shortened(record), refused)
    return lines, faults


def faults_at(line: int, text: str, refused: Refused) -> list[LineFault]:
    return [LineFault(line, text, fault.pointer.lstrip("/"), fault.detail) for fault in refused.faults]


def _text(content: bytes) -> str:
    if len(content) > LARGEST_STATEMENT:
        raise Refused("too_large", _("The file is larger than 1 MB."))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Refused(
            "invalid", _("Line %(line)d is no UTF-8 text. Save the file as “CSV UTF-8”.") % {"line": line}
        ) from None


def _records(text: str) -> tuple[list[str], Iterator[tuple[int, list[str] | csv.Error]]]:
    """The columns, and each record below them: the physical line it begins on, and its texts or what broke it off."""
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    return _header(reader), _below(reader)


def _below(reader: Any) -> Iterator[tuple[int, list[str] | csv.Error]]:
    while True:
        number = reader.line_num + 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, error
        else:
            if any(text.strip() for text in record):
                yield number, record


def _header(reader: Any) -> list[str]:
    """The columns that the first line names. Raises Refused saying all that is wrong with them."""
    try:
        columns = [name.strip().lower() for name in next(reader, [])]
    except csv.Error:
        columns = []
    if len(columns) == 1 and any(separator in columns[0] for separator in OTHER_SEPARATORS):
        raise Refused("invalid", _("The columns must be separated by commas. Save the file as “CSV UTF-8”."))
    count = Counter(columns)
    wrong = [
        _("it does not name %(columns)s") % {"columns": ", ".join(missing)}
        if (missing := [name for name in REQUIRED if not count[name]])
        else "",
        _("it names %(columns)s, which we do not know") % {"columns": ", ".join(unknown)}
        if (unknown := [ascii(name[:40]) for name in count if name not in COLUMNS])
        else "",
        _("it names %(columns)s twice") % {"columns": ", ".join(twice)}
        if (twice := [name for name in COLUMNS if count[name] > 1])
        else "",
    ]
    if any(wrong):
        said = "; ".join(part for part in wrong if part)
        raise Refused("invalid", _("The first line must name the columns: %(wrong)s.") % {"wrong": said})
    return columns


def _read_line(number: int, columns: list[str], texts_given: list[str] | csv.Error) -> Line:
    """Raises Refused with one fault a column."""
    if isinstance(texts_given, csv.Error):
        sentence = _("This is not CSV (%(error)s). Is a quotation mark missing or too many?")
        raise Refused("invalid", sentence % {"error": texts_given})
    if len(texts_given) != len(columns):
        sentence = _("%(count)d columns; the header has %(expected)d.")
        raise Refused("invalid", sentence % {"count": len(texts_given), "expected": len(columns)})
    record = dict(zip(columns, texts_given, strict=True))
    faults = [
        Fault("invalid", _("It holds a NUL character."), f"/{column}")
        for column, text in record.items()
        if "\x00" in text
    ]
    texts = {column: normalise_line(record.get(column, "")) for column in COLUMNS}
    if not AMOUNT.fullmatch(texts["amount"]):
        sentence = _("%(text)s is no amount: digits, and a point before the decimals.")
        faults.append(Fault("invalid", sentence % {"text": _quoted(texts["amount"])}, "/amount"))
    received_on = _day(texts["received_on"])
    if texts["received_on"] and received_on is None:
        sentence = _("%(text)s is no date such as 2026-11-22.")
        faults.append(Fault("invalid", sentence % {"text": _quoted(texts["received_on"])}, "/received_on"))
    if faults:
        raise Refused.because(faults)
    return Line(
        line=number,
        text=_shortened(texts_given),
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


def _shortened(record: list[str] | csv.Error) -> str:
    """A line to be found again by."""
    text = "" if isinstance(record, csv.Error) else normalise_line(", ".join(record))
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _quoted(text: str) -> str:
    return f"“{text[:40]}”"
