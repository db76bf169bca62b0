"""A QR code as boxes."""

from itertools import groupby

from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

from contracts.pdf.layout import Box

QR_SIZE = 76.0
"""Side of the code in points: 27 mm."""

MASK = 2
"""Which of the eight masks breaks up the modules. Any can be read. Trying all took a third of a one-order document's
time, and on verification addresses this one's penalty was within 2 % of the best one's."""


def qr_boxes(text: str, x: float, down: float) -> list[Box]:
    """The code of `text` in a square of QR_SIZE; the dark modules that touch in a row are one box."""
    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(text)
    code.version = code.calculate_version()
    code.makeImpl(False, MASK)
    module = QR_SIZE / code.moduleCount
    boxes = []
    for row, modules in enumerate(code.modules):
        for dark, run in groupby(range(code.moduleCount), key=lambda column: bool(modules[column])):
            if dark:
                columns = list(run)
                boxes.append(
                    Box(x + columns[0] * module, down + row * module, len(columns) * module, module + 0.05, "0 0 0")
                )
    return boxes
