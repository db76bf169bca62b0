"""Draw placed strips on ReportLab's canvas and return the bytes of a PDF file."""

from datetime import datetime
from itertools import groupby

from reportlab import rl_config
from reportlab.pdfgen.canvas import FILL_NON_ZERO, Canvas

from contracts.pdf import fonts
from contracts.pdf.layout import BOTTOM, PAGE_HEIGHT, PAGE_WIDTH, Box, Page, Text, reading_order

rl_config.useA85 = 0  # ReportLab's own setting: write compressed streams as bytes, a fifth smaller than as text


class Painter:
    """Draws one document. Fonts are embedded as subsets of the characters used."""

    def __init__(self, *, title: str, author: str, subject: str, language: str, created: datetime) -> None:
        fonts.font(fonts.REGULAR)
        fonts.font(fonts.BOLD)
        self.canvas = Canvas(
            "contract.pdf",
            pagesize=(PAGE_WIDTH, PAGE_HEIGHT),
            pageCompression=1,
            invariant=1,  # the same snapshot gives the same bytes
            initialFontName=fonts.REGULAR,
            lang=language,
            pdfVersion=(1, 7),
        )
        self.canvas.setTitle(title)
        self.canvas.setAuthor(author)
        self.canvas.setSubject(subject)
        self.canvas.setCreator(author)
        self.canvas.setViewerPreference("DisplayDocTitle", "true")
        self.canvas.setViewerPreference("PrintScaling", "None")  # the seal must print at its size
        self.canvas.addPageLabel(0, "ARABIC", 1)
        stamp = created.strftime("D:%Y%m%d%H%M%S%z")
        self.canvas.setDateFormatter(lambda *_: f"{stamp[:-2]}'{stamp[-2:]}'")
        self._bookmarks = 0

    def page(self, page: Page, texts: list[Text], boxes: list[Box]) -> None:
        """Draw a page: its strips, then `texts` and `boxes` with places counted from the head of the page.

        Annotations are added between `page` and `end_page`.
        """
        in_strips = [(top, box) for top, strip in page for box in strip.boxes]
        self._draw_boxes([*in_strips, *((PAGE_HEIGHT, box) for box in boxes)])
        above = [(PAGE_HEIGHT, text) for text in texts if text.down < PAGE_HEIGHT - BOTTOM]
        below = [(PAGE_HEIGHT, text) for text in texts if text.down >= PAGE_HEIGHT - BOTTOM]
        draw_texts(self.canvas, [*above, *reading_order(page), *below])

    def bookmark(self, title: str, top: float) -> None:
        """Add an outline entry for the current page, with `top` points from its foot at the head of the view."""
        self._bookmarks += 1
        name = f"section-{self._bookmarks}"
        self.canvas.bookmarkHorizontalAbsolute(name, round(top, 2))
        self.canvas.addOutlineEntry(title, name)

    def end_page(self) -> None:
        self.canvas.showPage()

    def bytes(self) -> bytes:
        """Return the finished file."""
        with fonts.SAVING:
            return self.canvas.getpdfdata()

    def _draw_boxes(self, boxes: list[tuple[float, Box]]) -> None:
        """Draw boxes, each counted down from its strip's upper edge; neighbours of one colour are filled together."""
        for colour, group in groupby(boxes, key=lambda each: each[1].colour):
            path = self.canvas.beginPath()
            for top, box in group:
                lower_left = (box.x, top - box.down - box.height)
                path.rect(*(round(length, 2) for length in (*lower_left, box.width, box.height)))
            self.canvas.setFillColor(colour)
            self.canvas.drawPath(path, stroke=0, fill=1, fillMode=FILL_NON_ZERO)  # the rows of a QR code overlap


def draw_texts(canvas: Canvas, texts: list[tuple[float, Text]]) -> None:
    """Draw texts as one text object, each counted down from its strip's upper edge."""
    drawn = canvas.beginText()
    colour, font, spread = None, None, 0.0
    for top, text in texts:
        drawn.setTextOrigin(round(text.x, 2), round(top - text.down, 2))
        if text.style.colour != colour:
            colour = text.style.colour
            drawn.setFillColor(colour)
        if text.spread != spread:
            spread = text.spread
            drawn.setCharSpace(spread)
        for name, part in fonts.split_by_font(text.text, text.style.font):
            if (name, text.style.size) != font:
                font = (name, text.style.size)
                drawn.setFont(*font)
            drawn.textOut(part)
    canvas.drawText(drawn)
