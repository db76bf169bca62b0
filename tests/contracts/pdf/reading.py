"""Reading a rendered file back with tools that know nothing of how it was made."""

import ctypes
import re
import shutil
import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import pypdfium2
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

needs_poppler = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="poppler-utils (pdftotext, pdffonts, pdfinfo) is not installed"
)


def run_poppler(tool: str, pdf: bytes, folder: Path, *options: str) -> str:
    """What the tool prints about the file."""
    path = folder / "read.pdf"
    path.write_bytes(pdf)
    output = ["-"] if tool == "pdftotext" else []
    done = subprocess.run([tool, *options, str(path), *output], capture_output=True, check=True, text=True)
    assert not done.stderr, done.stderr
    return done.stdout


def pages_of_text(pdf: bytes, folder: Path, *options: str) -> list[str]:
    return run_poppler("pdftotext", pdf, folder, *options).split("\f")[:-1]


def squeezed(text: str) -> str:
    """The text without white space, so that where lines break does not matter."""
    return re.sub(r"\s+", "", text)


class Word(NamedTuple):
    page: int
    left: float
    top: float
    right: float
    bottom: float
    text: str


def words_of(pdf: bytes, folder: Path) -> list[Word]:
    """Every word with its place, in points from the upper left corner of its page."""
    page_tag, word_tag = (f"{{http://www.w3.org/1999/xhtml}}{name}" for name in ("page", "word"))
    tree = ElementTree.fromstring(run_poppler("pdftotext", pdf, folder, "-bbox"))
    words = []
    for number, page in enumerate(tree.iter(page_tag), start=1):
        for word in page.iter(word_tag):
            left, top, right, bottom = (float(word.attrib[side]) for side in ("xMin", "yMin", "xMax", "yMax"))
            words.append(Word(number, left, top, right, bottom, word.text or ""))
    return words


def annotations_of(pdf: bytes) -> list[list[dict[str, Any]]]:
    """The annotations of each page, as pyHanko reads them."""
    reader = PdfFileReader(BytesIO(pdf))
    pages = reader.root["/Pages"]["/Kids"]
    return [[annotation.get_object() for annotation in page.get_object().get("/Annots", [])] for page in pages]


class Character(NamedTuple):
    page: int
    left: float
    baseline: float
    right: float
    size: float
    text: str


def characters_of(pdf: bytes) -> list[Character]:
    """Every printed character with its place, in points from the lower left corner of its page, as PDFium reads it."""
    found = []
    document = pypdfium2.PdfDocument(pdf)
    for number, page in enumerate(document, start=1):
        texts = page.get_textpage()
        left, right, bottom, top = (ctypes.c_double() for _ in range(4))
        x, y = ctypes.c_double(), ctypes.c_double()
        for index in range(texts.count_chars()):
            code = pypdfium2.raw.FPDFText_GetUnicode(texts, index)
            if not code or chr(code).isspace():
                continue
            pypdfium2.raw.FPDFText_GetCharBox(texts, index, left, right, bottom, top)
            pypdfium2.raw.FPDFText_GetCharOrigin(texts, index, x, y)
            size = pypdfium2.raw.FPDFText_GetFontSize(texts, index)
            found.append(Character(number, left.value, y.value, right.value, size, chr(code)))
    return found


class Printed(NamedTuple):
    """A line of text as it stands on a page, parted where white is as wide as a Chinese character."""

    page: int
    left: float
    baseline: float
    right: float
    text: str


def lines_of(pdf: bytes) -> list[Printed]:
    """The printed lines, from the top of each page, columns of one line one after the other; white space left out."""
    characters = sorted(characters_of(pdf), key=lambda each: (each.page, -round(each.baseline, 1), each.left))
    lines: list[Printed] = []
    for each in characters:
        last = lines[-1] if lines else None
        same = last and last.page == each.page and abs(last.baseline - each.baseline) < 0.1
        if last and same and each.left - last.right < each.size:
            lines[-1] = last._replace(right=each.right, text=last.text + each.text)
        else:
            lines.append(Printed(each.page, each.left, each.baseline, each.right, each.text))
    return lines
