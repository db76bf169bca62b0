"""The process that draws an untrusted picture or PDF: standard input to a JPEG on standard output, or nothing.

It is a fresh interpreter without settings, database or secrets, with limited memory and time, and confined by Landlock
where the kernel offers it. Its image consists of pixels drawn here: no byte of the file reaches a browser.
"""

import contextlib
import resource
import signal
import sys
from io import BytesIO

import pypdfium2
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from common.confinement import confine

CPU_SECONDS = 10
WALL_SECONDS = 15
MEMORY_BYTES = 1024 * 1024 * 1024
"""Limit of the address space: a picture of 80 megapixels takes 240 MB as RGB, twice for a moment."""
QUALITY = 85
MAX_PIXELS = 80_000_000
PDF_START = b"%PDF-"
PDF_START_RANGE_BYTES = 1024
PNG_START = b"\x89PNG"
MAX_HEIGHT_RATIO = 4
"""Maximum height of the image, as a multiple of its width."""


def main(width: int) -> None:
    """Limit this process for good, draw the file and end."""
    for kind, limit in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # macOS has no limit of the address space
            resource.setrlimit(kind, (limit, limit))
    signal.alarm(WALL_SECONDS)
    confine()
    sys.stdout.buffer.write(draw(sys.stdin.buffer.read(), width))


def draw(content: bytes, width: int) -> bytes:
    """Return the picture, or the first page of the PDF, as JPEG up to `width` pixels wide."""
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    is_pdf = PDF_START in content[:PDF_START_RANGE_BYTES] and not content.startswith(PNG_START)
    image = _draw_page(content, width) if is_pdf else _read_picture(content, width)
    output = BytesIO()
    image.save(output, "JPEG", quality=QUALITY)
    return output.getvalue()


def _draw_page(content: bytes, width: int) -> Image.Image:
    document = pypdfium2.PdfDocument(content)
    page = document[0]
    across, down = page.get_size()
    scale = min(width / across, MAX_HEIGHT_RATIO * width / down)
    return page.render(scale=scale).to_pil().convert("RGB")


def _read_picture(content: bytes, width: int) -> Image.Image:
    opened = PngImageFile if content.startswith(PNG_START) else JpegImageFile
    with opened(BytesIO(content)) as picture:
        if picture.width * picture.height > MAX_PIXELS:
            raise ValueError("too many pixels")
        picture.draft("RGB", (width, width))  # decodes a JPEG at a fraction of its size
        turned = picture.getexif().get(ORIENTATION, 1)
        picture.thumbnail((width, MAX_HEIGHT_RATIO * width))
        image = picture.convert("RGB")
    return image.transpose(TURNS[turned]) if turned in TURNS else image


ORIENTATION = 0x0112
TURNS = {
    3: Image.Transpose.ROTATE_180,
    6: Image.Transpose.ROTATE_270,
    8: Image.Transpose.ROTATE_90,
}
"""How cameras say that a photo is turned (Exif)."""
