"""CSV files as spreadsheets write them: one reader for orders and for bank statements. No database here."""

import csv
import re
from codecs import getincrementaldecoder
from collections import Counter
from collections.abc import Collection, Iterator
from functools import cache
from io import TextIOWrapper
from typing import Any, BinaryIO, NamedTuple, TextIO

from django.utils.translation import gettext as _

from common.errors import Refused

BLOCK = 1024 * 1024
"""Bytes decoded at once."""
CTRL_Z = "\x1a"
"""The end of a file in DOS, which some programs still write."""
MOST_NAMED = 20
"""Columns that a sentence names."""
OTHER_SEPARATORS = ";\t|"
NOT_ASCII = re.compile(r"[^\x00-\x7f]")
COMMON_CHINESE = (*range(0xA1, 0xAA), *range(0xB0, 0xD8))
"""First bytes, in GB2312, of its punctuation and of the characters that make up nearly all Chinese text."""
SPREADSHEET_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?E[+-][0-9]+|#+|#[A-Z0-9/]+[!?]", re.IGNORECASE)


class Row(NamedTuple):
    """A row below the header: the physical line it begins on (the header is on line 1), its text by column."""

    line: int
    cells: list[str]
    values: dict[str, str] | Refused
    """Refused says what is wrong with the row as a whole."""


def open_csv(file: BinaryIO) -> TextIO:
    """The file as text, by whichever of UTF-8 and GB18030 (Excel in China) it is in, for `read_csv`.

    Raises Refused `invalid` where it is neither.
    """
    encoding = "utf-8-sig"
    if wrong := _undecodable_line(file, encoding):
        if not _is_chinese(file):
            sentence = _("Line %(line)d is no UTF-8 text. Save the file as “CSV UTF-8”.")
            raise Refused("invalid", sentence % {"line": wrong})
        encoding = "gb18030"
    file.seek(0)
    return TextIOWrapper(file, encoding=encoding, newline="")


def read_csv(text: TextIO, *, required: Collection[str], optional: Collection[str] = ()) -> Iterator[Row]:
    """The rows of a file that `open_csv` opened. Blank rows, rows of commas and empty columns at the end are skipped.

    Raises Refused `invalid` at once, not at the first row, where the header lacks a column or has an unknown one.
    """
    reader = csv.reader(_lines(text), strict=True)
    return _rows(reader, _header(reader, required, optional))


def mangled_by_spreadsheet(text: str) -> str:
    """What is wrong with an identifier, in a sentence: 2.02611E+15 was a long number, and ### or #REF! is an error."""
    if not SPREADSHEET_NUMBER.fullmatch(text):
        return ""
    sentence = _("A spreadsheet has turned this number into %(text)s. Format the column as text and enter it again.")
    return sentence % {"text": text[:40]}


def _undecodable_line(file: BinaryIO, encoding: str) -> int:
    """The first line that is not text in `encoding`; 0 where all are."""
    file.seek(0)
    decoder, line = getincrementaldecoder(encoding)(), 1
    while block := file.read(BLOCK):
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
    """Whether the file is GB18030, as which nearly any bytes can be read: two of three characters are common ones."""
    if _undecodable_line(file, "gb18030"):
        return False
    file.seek(0)
    decoder, common, total = getincrementaldecoder("gb18030")(), 0, 0
    while block := file.read(BLOCK):
        for character, count in Counter(NOT_ASCII.findall(decoder.decode(block))).items():
            total += count
            common += count * _is_common(character)
    return common * 3 >= total * 2


@cache
def _is_common(character: str) -> bool:
    return character.encode("gb2312", "replace")[0] in COMMON_CHINESE


def _lines(text: TextIO) -> Iterator[str]:
    for line in text:
        yield line.rstrip(CTRL_Z) if line.endswith(CTRL_Z) else line


def _is_blank(cells: list[str]) -> bool:
    return not any(cell.strip().strip(CTRL_Z) for cell in cells)


def _rows(reader: Any, columns: list[str]) -> Iterator[Row]:
    width = len(columns)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(line, [], _not_csv(error, first=line, last=reader.line_num))
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


def _not_csv(error: csv.Error, *, first: int, last: int) -> Refused:
    sentence = _("Not CSV: %(error)s. Is a quotation mark missing or too many?")
    read = _(" (read up to line %(line)d)") % {"line": last} if last > first else ""
    return Refused("invalid", sentence % {"error": f"{error}{read}"})


def _header(reader: Any, required: Collection[str], optional: Collection[str]) -> list[str]:
    """The columns that the first line names, in lower case. Raises Refused with all that is wrong with them."""
    try:
        columns = [name.strip().lower() for name in next(reader, [])]
    except csv.Error as error:
        raise Refused("invalid", _("Line 1 is not CSV: %(error)s.") % {"error": error}) from error
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
        _("columns named twice"): [name for name in count if name in known and count[name] > 1],
    }
    if any(wrong.values()):
        said = "; ".join(f"{what}: {_listed(names)}" for what, names in wrong.items() if names)
        raise Refused("invalid", _("The header, line 1, is wrong: %(wrong)s.") % {"wrong": said})
    return columns


def _listed(names: list[str]) -> str:
    """The first names, and three dots where there are more."""
    return ", ".join(names[:MOST_NAMED]) + (", …" if len(names) > MOST_NAMED else "")
