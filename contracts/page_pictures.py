"""A document's pages as pictures: the preview that every browser shows without a download (R18)."""

from io import BytesIO
from threading import Lock

import pypdfium2

WIDTH = 1240
"""Pixels: 150 a printed inch on A4."""

_one_at_a_time = Lock()
"""PDFium is not safe to enter from two threads."""


def page_count(content: bytes) -> int:
    """How many pages the PDF has."""
    with _one_at_a_time:
        document = pypdfium2.PdfDocument(content)
        try:
            return len(document)
        finally:
            document.close()


def picture(content: bytes, page: int) -> bytes:
    """Page `page` (from 1) as PNG, its annotations and seal drawn too. Raises IndexError for no such page."""
    with _one_at_a_time:
        document = pypdfium2.PdfDocument(content)
        try:
            if not 1 <= page <= len(document):
                raise IndexError(page)
            document.init_forms()
            sheet = document[page - 1]
            image = sheet.render(scale=WIDTH / sheet.get_width()).to_pil()
        finally:
            document.close()
    output = BytesIO()
    image.quantize(64).save(output, "PNG", optimize=False)
    return output.getvalue()
