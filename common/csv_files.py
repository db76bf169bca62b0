"""Read CSV files written by spreadsheets; used for orders and bank statements. Uses no database."""

import csv
import re
from codecs import getincrementaldecoder
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from io import TextIOWrapper
from typing import Any, BinaryIO, NamedTuple, TextIO

from django.utils.translation import gettext as _

from common.errors import Refused

BLOCK_BYTES = 1024 * 1024
"""Bytes decoded at a time."""
DOS_END_OF_FILE = "\x1a"
"""Ctrl-Z, which some programs still write at the end of a file."""
MAX_NAMED_COLUMNS = 20
"""Maximum number of columns that an error message lists."""
OTHER_SEPARATORS = ";\t|"
NOT_ASCII = re.compile(r"[^\x00-\x7f]")
COMMON_CHINESE_FIRST_BYTES = (*range(0xA1, 0xAA), *range(0xB0, 0xD8))
"""First bytes in GB2312 of punctuation and of the level 1 characters, which make up nearly all Chinese text."""
SPREADSHEET_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?E[+-][0-9]+|#+|#[A-Z0-9/]+[!?]", re.IGNORECASE)


class Row(NamedTuple):
    """A data row, with the physical line it begins on (the header is line 1)."""

    line: int
    cells: list[str]
    values: dict[str, str] | Refused
    """Text by column; Refused if the whole row is malformed."""


@dataclass(frozen=True, slots=True)
class RowError:
    """A fault of the row that begins on physical line `line`; `column` is empty if it concerns the whole row."""

    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.column}: {self.reason}" if self.column else f"line {self.line}: {self.reason}"


def open_csv(file: BinaryIO) -> TextIO:
    """Open the file as text for `read_csv`, detecting UTF-8 or GB18030 (Excel in China).

    Raises Refused `invalid` if it is neither.
    """
    encoding = "utf-8-sig"
    if wrong := _find_undecodable_line(file, encoding):
        if not _is_chinese(file):
            sentence = _("Line %(line)d is not UTF-8 text. Save the file as “CSV UTF-8”.")
            raise Refused("invalid", sentence % {"line": wrong})
        encoding = "gb18030"
    file.seek(0)
    return TextIOWrapper(file, encoding=encoding, newline="")


def read_csv(text: TextIO, *, required: Collection[str], optional: Collection[str] = ()) -> Iterator[Row]:
    """Iterate over the data rows of a file opened by `open_csv`. Skips blank rows and empty trailing columns.

    Raises Refused `invalid` immediately, before the first row is read, if the header lacks a column or has an unknown
    one.
    """
    reader = csv.reader(_lines(text), strict=True)
    return _read_rows(reader, _read_header(reader, required, optional))


def describe_spreadsheet_damage(text: str) -> str:
    """Return a message if a spreadsheet has damaged the identifier (2.02611E+15, ###, #REF!), else an empty string."""
    if not SPREADSHEET_NUMBER.fullmatch(text):
        return ""
    sentence = _("A spreadsheet has turned this number into %(text)s. Format the column as text and enter it again.")
    return sentence % {"text": text[:40]}


def _find_undecodable_line(file: BinaryIO, encoding: str) -> int:
    """Return the first line that cannot be decoded; 0 if the whole file can."""
    file.seek(0)
    decoder, line = getincrementaldecoder(encoding)(), 1
    while block := file.read(BLOCK_BYTES):
        try:
            decoder.decode(block)
        except UnicodeDecodeError as error:
            return line + error.object.count(b"\n", 0, error.start)
        line += block.count(b"\n")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return line
    return 0


def _is_chinese(file: BinaryIO) -> bool:
    """Return True if the file is Chinese text in GB18030.

    Nearly any bytes decode as GB18030, so two thirds of the non-ASCII characters must be common ones.
    """
    if _find_undecodable_line(file, "gb18030"):
        return False
    file.seek(0)
    decoder, common, total = getincrementaldecoder("gb18030")(), 0, 0
    while block := file.read(BLOCK_BYTES):
        for character, count in Counter(NOT_ASCII.findall(decoder.decode(block))).items():
            total += count
            common += count * _is_common(character)
    return common * 3 >= total * 2


@cache
def _is_common(character: str) -> bool:
    return character.encode("gb2312", "replace")[0] in COMMON_CHINESE_FIRST_BYTES


def _lines(text: TextIO) -> Iterator[str]:
    for line in text:
        yield line.rstrip(DOS_END_OF_FILE) if line.endswith(DOS_END_OF_FILE) else line


def _is_blank(cells: list[str]) -> bool:
    return not any(cell.strip().strip(DOS_END_OF_FILE) for cell in cells)


def _read_rows(reader: Any, columns: list[str]) -> Iterator[Row]:
    width = len(columns)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(line, [], _csv_error(error, first=line, last=reader.line_num))
            continue
        if not (cells and cells[0].strip(" \x1a")) and _is_blank(cells):
            continue
        if len(cells) > width and _is_blank(cells[width:]):
            del cells[width:]
        if len(cells) == width:
            yield Row(line, cells, dict(zip(columns, cells, strict=True)))
        else:
            sentence = _("%(count)d fields; the header has %(expected)d.")
            yield Row(line, cells, Refused("invalid", sentence % {"count": len(cells), "expected": width}))


def _csv_error(error: csv.Error, *, first: int, last: int) -> Refused:
    sentence = _("Not valid CSV: %(error)s. Check for a missing or extra quotation mark.")
    read = _(" (read up to line %(line)d)") % {"line": last} if last > first else ""
    return Refused("invalid", sentence % {"error": f"{error}{read}"})


def _read_header(reader: Any, required: Collection[str], optional: Collection[str]) -> list[str]:
    """Return the column names in lower case. Raises Refused with every fault of the header."""
    try:
        columns = [name.strip().lower() for name in next(reader, [])]
    except csv.Error as error:
        raise Refused("invalid", _("Line 1 is not valid CSV: %(error)s.") % {"error": error}) from error
    while columns and not columns[-1]:
        del columns[-1]
    if not columns:
        raise Refused("invalid", _("The file is empty. Its first line must name the columns."))
    if len(columns) == 1 and any(separator in columns[0] for separator in OTHER_SEPARATORS):
        raise Refused("invalid", _("The columns must be separated by commas. Save the file as “CSV UTF-8”."))
    count = Counter(columns)
    known = {*required, *optional}
    wrong = {
        _("missing columns"): [name for name in required if name not in count],
        _("unknown columns"): [ascii(name[:40]) for name in count if name not in known],
        _("duplicate columns"): [name for name in count if name in known and count[name] > 1],
    }
    if any(wrong.values()):
        summary = "; ".join(f"{what}: {_join_names(names)}" for what, names in wrong.items() if names)
        raise Refused("invalid", _("The header (line 1) is wrong: %(wrong)s.") % {"wrong": summary})
    return columns


def _join_names(names: list[str]) -> str:
    return ", ".join(names[:MAX_NAMED_COLUMNS]) + (", …" if len(names) > MAX_NAMED_COLUMNS else "")
