"""QR codes as boxes."""

import re
from math import isqrt

import zxingcpp

from contracts.pdf.layout import Box

QR_SIZE = 76.0
"""Side of the code: 27 mm."""
DARK_RUN = re.compile(b"\x00+")


def qr_boxes(text: str, x: float, down: float) -> list[Box]:
    """Return the QR code of `text` in a square of QR_SIZE. Adjoining dark modules of a row are one box."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    pixels = bytes(code.to_image(scale=1, add_quiet_zones=False))  # type: ignore[call-overload]  # it is a buffer
    count = isqrt(len(pixels))
    module = QR_SIZE / count
    height = module + 0.05  # so that no white shows between rows
    return [
        Box(x + run.start() % count * module, down + row * module, len(run[0]) * module, height, (0, 0, 0))
        for row in range(count)
        for run in DARK_RUN.finditer(pixels, row * count, (row + 1) * count)
    ]
