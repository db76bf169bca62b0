"""The word TEST across every page of a test account's documents (R48).

It is page content under the text, and not an annotation like the DRAFT mark: sealing leaves it. Screen readers skip it
as an artifact; the notice on the first page is read out instead.
"""

from reportlab.pdfgen.canvas import Canvas

from contracts.pdf import fonts
from contracts.pdf.draft_mark import MARK_ANGLE_DEGREES
from contracts.pdf.layout import PAGE_HEIGHT, PAGE_WIDTH, Style, Text
from contracts.pdf.paint import draw_texts

TEXT = "TEST 测试"
SIZE = 92.0
COLOUR = (0.985, 0.875, 0.875)
OFFSETS = (128.0, -188.0)
"""Baselines above and below the page's diagonal, in points: the DRAFT mark stays readable between them."""


def draw_watermark(canvas: Canvas) -> None:
    """Draw the word twice on the current page. Call it before the page's content is drawn."""
    style = Style(fonts.BOLD, SIZE, COLOUR)
    left = -fonts.text_width(TEXT, fonts.BOLD, SIZE) / 2
    canvas.saveState()
    canvas.addLiteral("/Artifact <</Type/Pagination/Subtype/Watermark>> BDC")
    canvas.translate(PAGE_WIDTH / 2, PAGE_HEIGHT / 2)
    canvas.rotate(MARK_ANGLE_DEGREES)
    draw_texts(canvas, [(0.0, Text(left, -offset, TEXT, style)) for offset in OFFSETS])
    canvas.addLiteral("EMC")
    canvas.restoreState()
