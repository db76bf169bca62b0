"""Write tables as CSV and as Excel workbooks, a row at a time (R43). Uses no database."""

import csv
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from io import StringIO
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Literal
from zoneinfo import ZoneInfo

import xlsxwriter
from django.utils import timezone

Cell = str | int | Decimal | datetime | None
"""Times are aware. A Decimal is written with the decimals that it has."""
Row = Sequence[Cell]
Format = Literal["csv", "xlsx"]

CONTENT_TYPES: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take a text of a CSV file for a formula (OWASP, CSV injection)."""
COLUMN_WIDTH = 20


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under column titles. `rows` are read once, while the file is written."""

    name: str
    columns: Sequence[str]
    rows: Iterable[Row]


def write_csv(table: Table, file: BinaryIO, zone: ZoneInfo) -> None:
    """Write the table as CSV in UTF-8, with a byte order mark for Excel. Times are those of `zone`."""
    file.writelines(csv_lines(table, zone))


def csv_lines(table: Table, zone: ZoneInfo) -> Iterator[bytes]:
    """Yield the lines of `write_csv`."""
    line = StringIO()
    writer = csv.writer(line, quoting=csv.QUOTE_ALL)  # a separator of another country ends no cell
    yield BOM_UTF8
    for row in chain([table.columns], table.rows):
        writer.writerow([_csv_text(cell, zone) for cell in row])
        yield line.getvalue().encode()
        line.seek(0)
        line.truncate()


def write_xlsx(tables: Iterable[Table], file: BinaryIO, zone: ZoneInfo, *, folder: Path) -> None:
    """Write a workbook with one sheet a table, in constant memory, with temporary files in `folder`.

    Times are those of `zone`: Excel has no zones.
    """
    options = {"constant_memory": True, "use_zip64": True, "tmpdir": str(folder)}
    with xlsxwriter.Workbook(file, options) as book:
        formats = _Formats(book)
        for table in tables:
            sheet = book.add_worksheet(table.name)
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(table.columns) - 1, COLUMN_WIDTH)
            sheet.write_row(0, 0, table.columns, formats.title)
            for number, row in enumerate(table.rows, start=1):
                for column, cell in enumerate(row):
                    _write_cell(sheet, number, column, cell, formats, zone)


def _csv_text(cell: Cell, zone: ZoneInfo) -> str:
    if isinstance(cell, datetime):
        return f"{timezone.localtime(cell, zone):%Y-%m-%d %H:%M:%S}"
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell
    return "" if cell is None else f"{cell:f}" if isinstance(cell, Decimal) else str(cell)


class _Formats:
    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.book = book
        self.title = book.add_format({"bold": True, "bottom": 1})
        self.time = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self.numbers: dict[int, xlsxwriter.format.Format] = {}

    def number(self, decimals: int) -> xlsxwriter.format.Format:
        if decimals not in self.numbers:
            fraction = "." + "0" * decimals if decimals else ""
            self.numbers[decimals] = self.book.add_format({"num_format": f"#,##0{fraction}"})
        return self.numbers[decimals]


def _write_cell(
    sheet: xlsxwriter.worksheet.Worksheet, row: int, column: int, cell: Cell, formats: _Formats, zone: ZoneInfo
) -> None:
    if isinstance(cell, datetime):
        local = timezone.make_naive(cell, zone)
        sheet.write_datetime(row, column, local, formats.time)
    elif isinstance(cell, Decimal):
        exponent = cell.as_tuple().exponent
        sheet.write_number(row, column, cell, formats.number(-exponent if isinstance(exponent, int) else 0))
    elif isinstance(cell, int):
        sheet.write_number(row, column, cell)
    elif cell:
        sheet.write_string(row, column, cell)
