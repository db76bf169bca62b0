"""Draw pages on ReportLab's canvas."""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from reportlab import rl_config
from reportlab.pdfgen.canvas import FILL_NON_ZERO, Canvas

from contracts.pdf import fonts
from contracts.pdf.languages import split_by_language
from contracts.pdf.layout import BOTTOM, PAGE_HEIGHT, PAGE_WIDTH, Box, Colour, Page, Style, Text, reading_order
from contracts.pdf.tags import Artifact, Tag

rl_config.useA85 = 0  # ReportLab's own setting: write compressed streams as bytes, a fifth smaller than as text


class Painter:
    """Draws one document. Fonts are embedded as subsets of the characters used."""

    def __init__(self, *, title: str, author: str, subject: str, language: str, created: datetime) -> None:
        fonts.get_font(fonts.REGULAR)
        fonts.get_font(fonts.BOLD)
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
        self.language = language
        self.marks: list[list[Tag]] = []
        """The tag of each piece of marked content, by page."""
        self._bookmarks = 0

    def draw_page(self, page: Page, texts: list[Text], boxes: list[Box]) -> None:
        """Draw a page: its strips, and `texts` and `boxes` placed from the top of the page.

        Annotations are added between `draw_page` and `end_page`.
        """
        self.marks.append([])
        in_strips = [(top, box) for top, strip in page for box in strip.boxes]
        self._draw_boxes([*in_strips, *((PAGE_HEIGHT, box) for box in boxes)])
        above = [(PAGE_HEIGHT, text) for text in texts if text.down < PAGE_HEIGHT - BOTTOM]
        below = [(PAGE_HEIGHT, text) for text in texts if text.down >= PAGE_HEIGHT - BOTTOM]
        draw_texts(self.canvas, [*above, *reading_order(page), *below], self)

    def begin_mark(self, tag: Tag) -> str:
        """Return the operator that begins content of `tag` on the current page, and record it."""
        marks = self.marks[-1]
        operator = tag.opening(len(marks))
        if not isinstance(tag, Artifact):
            tag.marks.append((len(self.marks) - 1, len(marks)))
            marks.append(tag)
        return operator

    def add_bookmark(self, title: str, top: float) -> None:
        """Add an outline entry that leads to the place `top` points above the foot of the current page."""
        self._bookmarks += 1
        name = f"section-{self._bookmarks}"
        self.canvas.bookmarkHorizontalAbsolute(name, round(top, 2))
        self.canvas.addOutlineEntry(title, name)

    def end_page(self) -> None:
        self.canvas.showPage()

    def save(self) -> bytes:
        """Return the finished file."""
        with fonts.SAVE_LOCK:
            return self.canvas.getpdfdata()

    def _draw_boxes(self, boxes: list[tuple[float, Box]]) -> None:
        """Draw (upper edge of the strip, box) pairs; neighbours of one tag and colour are filled together."""
        for (tag, colour), group in groupby(boxes, key=lambda each: (each[1].tag, each[1].colour)):
            path = self.canvas.beginPath()
            places = [(box.x, top - box.down - box.height, box.width, box.height) for top, box in group]
            for x, bottom, width, height in places:
                path.rect(round(x, 2), round(bottom, 2), round(width, 2), round(height, 2))
            self.canvas.addLiteral(self.begin_mark(tag))
            self.canvas.setFillColor(colour)
            self.canvas.drawPath(path, stroke=0, fill=1, fillMode=FILL_NON_ZERO)  # the rows of a QR code overlap
            self.canvas.addLiteral("EMC")
            if tag.alt:
                tag.attributes = f"<</O/Layout/Placement/Block/BBox[{_frame_of(places)}]>>"


def _frame_of(places: list[tuple[float, float, float, float]]) -> str:
    """Return left, bottom, right and top of the frame around boxes (x, y, width, height), in PDF syntax."""
    frame = (
        min(x for x, _y, _width, _height in places),
        min(y for _x, y, _width, _height in places),
        max(x + width for x, _y, width, _height in places),
        max(y + height for _x, y, _width, height in places),
    )
    return " ".join(f"{side:.2f}" for side in frame)


def draw_texts(canvas: Canvas, texts: list[tuple[float, Text]], painter: Painter | None = None) -> None:
    """Draw (upper edge of the strip, text) pairs as one text object. `painter` marks tagged content."""
    drawn = _TextObject(canvas, painter)
    for top, text in texts:
        drawn.add(round(top - text.down, 2), text)
    drawn.end()


class _TextObject:
    """A text object. It writes what changes from one text to the next."""

    def __init__(self, canvas: Canvas, painter: Painter | None) -> None:
        self.canvas, self.painter = canvas, painter
        self.drawn = canvas.beginText()
        self.literal = self.drawn._code.append  # ReportLab has no public call for operators within a text object
        self.x, self.y, self.spread = 0.0, 0.0, 0.0
        self.colour: Colour | None = None
        self.font: tuple[str, float] | None = None
        self.tag: Tag | None = None

    def add(self, y: float, text: Text) -> None:
        """Draw the text with its baseline at `y`."""
        if self.painter and text.tag is not self.tag:
            self._mark(text.tag)
        x, drawn = round(text.x, 2), self.drawn
        # Moves, unlike positions, repeat from row to row and compress better.
        drawn.moveCursor(round(x - self.x, 2), round(self.y - y, 2))
        self.x, self.y = x, y
        if text.style.colour != self.colour:
            self.colour = text.style.colour
            drawn.setFillColor(self.colour)
        if text.spread != self.spread:
            self.spread = text.spread
            drawn.setCharSpace(self.spread)
        for language, part in self._split(text):
            if language:
                self.literal(f"/Span <</Lang ({language})>> BDC")
            self._show(part, text.style)
            if language:
                self.literal("EMC")

    def end(self) -> None:
        self._mark(None)
        self.canvas.drawText(self.drawn)

    def _mark(self, tag: Tag | None) -> None:
        """End the marked content of the last tag and begin that of `tag`."""
        if self.tag:
            self.literal("EMC")
        if tag and self.painter:
            self.literal(self.painter.begin_mark(tag))
        self.tag = tag

    def _show(self, text: str, style: Style) -> None:
        for name, part in fonts.split_by_font(text, style.font):
            if (name, style.size) != self.font:
                self.font = (name, style.size)
                self.drawn.setFont(*self.font)
            self.drawn.textOut(part)

    def _split(self, text: Text) -> Iterable[tuple[str, str]]:
        if self.painter is None or self.tag is None or isinstance(self.tag, Artifact):
            return [("", text.text)]
        return split_by_language(text.text, self.tag.lang or self.painter.language, self.tag.kind)
