"""Render a document's pages as PNG images, so that every browser can preview it (R18)."""

from collections.abc import Callable
from io import BytesIO
from threading import Lock

import pypdfium2
from django.core.cache import cache

WIDTH = 1240
"""Width in pixels: 150 dpi on A4."""
LARGE = 2 * WIDTH
PAGE_IMAGE_CACHE_SECONDS = 24 * 60 * 60
"""Time for which a rendered page stays in the cache."""

_pdfium_lock = Lock()
"""PDFium is not thread-safe."""


def page_count(content: bytes) -> int:
    with _pdfium_lock:
        document = pypdfium2.PdfDocument(content)
        try:
            return len(document)
        finally:
            document.close()


def cached_picture(sha256: str, page: int, width: int, read: Callable[[], bytes]) -> bytes:
    """Return page `page` (from 1) as PNG, from the cache if possible; `read` fetches the document's bytes."""
    key = f"page-picture:{sha256}:{page}:{width}"
    image: bytes | None = cache.get(key)
    if image is None:
        image = picture(read(), page, width)
        cache.set(key, image, PAGE_IMAGE_CACHE_SECONDS)
    return image


def picture(content: bytes, page: int, width: int = WIDTH) -> bytes:
    """Render page `page` (from 1) as PNG, with annotations and seal. Raises IndexError if there is no such page."""
    with _pdfium_lock:
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
