"""The annotations that mark a draft. Sealing removes them and leaves the page content as it is (R3).

The sealing code reads the seal's place, then drops every annotation whose /NM begins with DRAFT_MARK or is SEAL_PLACE.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas

from contracts.pdf import fonts
from contracts.pdf.labels import Labels
from contracts.pdf.layout import PAGE_HEIGHT, PAGE_WIDTH, Colour, Style, Text
from contracts.pdf.paint import draw_texts
from contracts.pdf.tags import Tag

DRAFT_MARK = "draft-mark"
SEAL_PLACE = "seal-place"
SEAL_SIZE = 119.0
"""Side of the square for the seal: 42 mm."""

MARK_TEXT = "DRAFT 草稿"
MARK_SMALL_TEXT = "not sealed – 未盖章"
MARK_COLOUR = (0.89, 0.92, 0.96)
SEAL_COLOUR = (0.62, 0.67, 0.74)
MARK_ANGLE_DEGREES = 52
ANNOTATION_FLAGS = 4 + 64 + 128  # print, read only, locked


class DraftMarks:
    """Adds the annotations to a draft. All pages share one appearance stream."""

    def __init__(self, canvas: Canvas, labels: Labels) -> None:
        self.canvas = canvas
        self.labels = labels
        self.tags: dict[str, Tag] = {}
        """Tag of each annotation, by its name."""
        self.page_tags: list[Tag] = []
        """Tags of the DRAFT marks, by page."""

    def mark_page(self, number: int) -> None:
        """Put the DRAFT mark on the current page."""
        contents, name = f"{MARK_TEXT} – {MARK_SMALL_TEXT}", f"{DRAFT_MARK}-{number}"
        self.tags[name] = Tag("Annot", alt=self.labels("draft_mark", page=number))
        self.page_tags.append(self.tags[name])
        self._annotate(name, (0, 0, PAGE_WIDTH, PAGE_HEIGHT), self._mark, contents)

    def mark_seal_place(self, x: float, y: float, tag: Tag) -> None:
        """Mark the seal's place on the current page; x, y is the lower left corner of the square."""
        rect = (x, y, x + SEAL_SIZE, y + SEAL_SIZE)
        self.tags[SEAL_PLACE] = tag
        self._annotate(SEAL_PLACE, rect, self._seal_place, "Seal upon conversion / 转正式合同时盖章")

    def _annotate(self, name: str, rect: tuple[float, float, float, float], form: str, contents: str) -> None:
        annotation = pdfdoc.PDFDictionary(
            {
                "Type": "/Annot",
                "Subtype": "/Stamp",
                "NM": pdfdoc.PDFString(name),
                "Contents": pdfdoc.PDFString(contents),
                "Rect": pdfdoc.PDFArray([round(side, 2) for side in rect]),
                "F": ANNOTATION_FLAGS,
                "AP": pdfdoc.PDFDictionary({"N": pdfdoc.PDFObjectReference(pdfdoc.xObjectName(form))}),
            }
        )
        self.canvas._addAnnotation(annotation, name)  # ReportLab has no public call for a stamp

    @cached_property
    def _mark(self) -> str:
        """Draw the mark's form once and return its name."""
        with self._form("DraftMark", PAGE_WIDTH, PAGE_HEIGHT):
            self.canvas.addLiteral("/Multiply gs")
            self.canvas.translate(PAGE_WIDTH / 2, PAGE_HEIGHT / 2)
            self.canvas.rotate(MARK_ANGLE_DEGREES)
            self._draw_centred((MARK_TEXT, 0, -20, 104, MARK_COLOUR), (MARK_SMALL_TEXT, 0, -64, 30, MARK_COLOUR))
        return "DraftMark"

    @cached_property
    def _seal_place(self) -> str:
        """Draw the form of the seal's place once and return its name."""
        middle = SEAL_SIZE / 2
        with self._form("SealPlace", SEAL_SIZE, SEAL_SIZE):
            self.canvas.setStrokeColor(SEAL_COLOUR)
            self.canvas.setLineWidth(0.9)
            self.canvas.setDash([4, 3])
            self.canvas.circle(middle, middle, middle - 2)
            self._draw_centred(
                ("转正式合同时盖章", middle, middle + 3, 8, SEAL_COLOUR),
                ("Seal upon conversion", middle, middle - 9, 7.2, SEAL_COLOUR),
            )
        return "SealPlace"

    @contextmanager
    def _form(self, name: str, width: float, height: float) -> Iterator[None]:
        """Draw the block's content into a form XObject for annotations.

        The resources are listed here because ReportLab leaves graphics states out of a form's. A viewer that cannot
        blend shows the mark in its light colour.
        """
        multiply = pdfdoc.PDFDictionary({"Type": "/ExtGState", "BM": "/Multiply"})
        resources = {
            "Font": pdfdoc.PDFObjectReference(pdfdoc.BasicFonts),
            "ExtGState": pdfdoc.PDFDictionary({"Multiply": multiply}),
        }
        self.canvas.beginForm(name, 0, 0, round(width, 2), round(height, 2))
        yield
        self.canvas.endForm(Resources=pdfdoc.PDFDictionary(resources))

    def _draw_centred(self, *texts: tuple[str, float, float, float, Colour]) -> None:
        """Draw texts, each as (text, x of its middle, y of its baseline, size, colour).

        An empty replacement text keeps them out of the page's text: screen readers use /Contents.
        """
        self.canvas.addLiteral("/Span <</ActualText ()>> BDC")
        draw_texts(self.canvas, [(0.0, _centred(*text)) for text in texts])
        self.canvas.addLiteral("EMC")


def _centred(text: str, x: float, y: float, size: float, colour: Colour) -> Text:
    return Text(x - fonts.text_width(text, fonts.BOLD, size) / 2, -y, text, Style(fonts.BOLD, size, colour))
