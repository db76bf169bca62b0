"""A document's pages as pictures: the preview that every browser shows without a download (R18)."""

from collections.abc import Callable
from io import BytesIO
from threading import Lock

import pypdfium2
from django.core.cache import cache

WIDTH = 1240
"""Pixels: 150 a printed inch on A4."""
LARGE = 2 * WIDTH
PAGE_IMAGE_CACHE_SECONDS = 24 * 60 * 60
"""Seconds for which a picture stays in the cache after it was drawn."""

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


def kept_picture(sha256: str, page: int, width: int, read: Callable[[], bytes]) -> bytes:
    """Page `page` (from 1) of the document with this hash as PNG; `read` gives its bytes, and is rarely asked."""
    key = f"page-picture:{sha256}:{page}:{width}"
    found: bytes | None = cache.get(key)
    if found is None:
        found = picture(read(), page, width)
        cache.set(key, found, PAGE_IMAGE_CACHE_SECONDS)
    return found


def picture(content: bytes, page: int, width: int = WIDTH) -> bytes:
    """Page `page` (from 1) as PNG, its annotations and seal drawn too. Raises IndexError for no such page."""
    with _one_at_a_time:
        document = pypdfium2.PdfDocument(content)
        try:
            if not 1 <= page <= len(document):
                raise IndexError(page)
            document.init_forms()
            sheet = document[page - 1]
            image = sheet.render(scale=width / sheet.get_width()).to_pil()
        finally:
            document.close()
    output = BytesIO()
    image.quantize(64).save(output, "PNG", optimize=False)
    return output.getvalue()
