"""What a draft carries and the contract does not: annotations, so that sealing can drop them (R3).

The page content is the same before and after. The sealing code reads the seal's place, then drops every annotation
whose /NM begins with DRAFT_MARK or is SEAL_PLACE.
"""

from functools import cached_property
from math import cos, radians, sin

from reportlab.pdfbase import pdfdoc

from contracts.pdf import fonts
from contracts.pdf.layout import PAGE_HEIGHT, PAGE_WIDTH, Style, Text
from contracts.pdf.paint import Painter

DRAFT_MARK = "draft-mark"
SEAL_PLACE = "seal-place"
SEAL_SIZE = 119.0
"""The side of the seal's square place: 42 mm in points."""

MARK_TEXT = "DRAFT 草稿"
MARK_SMALL_TEXT = "not sealed – 未盖章"
MARK_COLOUR = "0.89 0.92 0.96"
SEAL_COLOUR = "0.62 0.67 0.74"
ANGLE = 52
FLAGS = 4 + 64 + 128  # print, read only, locked


class DraftMarks:
    """The annotations of one draft. All pages share one appearance stream."""

    def __init__(self, painter: Painter) -> None:
        self.painter = painter

    @cached_property
    def mark(self) -> pdfdoc.PDFObjectReference:
        return self._appearance("DraftMark", PAGE_WIDTH, PAGE_HEIGHT, self._mark_operators())

    def mark_page(self, number: int) -> None:
        """Put the DRAFT mark on the painter's current page."""
        contents = f"{MARK_TEXT} – {MARK_SMALL_TEXT}"
        self._annotate(f"{DRAFT_MARK}-{number}", (0, 0, PAGE_WIDTH, PAGE_HEIGHT), self.mark, contents)

    def mark_seal_place(self, x: float, y: float) -> None:
        """Show on the current page where the seal will be; x, y is the lower left corner of its square."""
        appearance = self._appearance("SealPlace", SEAL_SIZE, SEAL_SIZE, self._seal_operators())
        rect = (x, y, x + SEAL_SIZE, y + SEAL_SIZE)
        self._annotate(SEAL_PLACE, rect, appearance, "Seal upon conversion / 转正式合同时盖章")

    def _annotate(
        self, name: str, rect: tuple[float, float, float, float], appearance: pdfdoc.PDFObjectReference, contents: str
    ) -> None:
        annotation = pdfdoc.PDFDictionary(
            {
                "Type": "/Annot",
                "Subtype": "/Stamp",
                "NM": pdfdoc.PDFString(name),
                "Contents": pdfdoc.PDFString(contents),
                "Rect": pdfdoc.PDFArray([round(side, 2) for side in rect]),
                "F": FLAGS,
                "AP": pdfdoc.PDFDictionary({"N": appearance}),
            }
        )
        self.painter.canvas._addAnnotation(annotation, name)

    def _appearance(self, name: str, width: float, height: float, operators: list[str]) -> pdfdoc.PDFObjectReference:
        """A form XObject with its own resources: the document's fonts, and the state that lets text shine through.

        The state must be named here, ReportLab leaves it out of forms. A viewer without blending shows the light
        colour as it is.
        """
        form = pdfdoc.PDFFormXObject(0, 0, round(width, 2), round(height, 2))
        form.compression = 1
        form.setStreamList(operators)
        document = self.painter.canvas._doc
        multiply = pdfdoc.PDFDictionary({"Type": "/ExtGState", "BM": "/Multiply"})
        form.Resources = pdfdoc.PDFDictionary(
            {
                "Font": pdfdoc.PDFObjectReference(pdfdoc.BasicFonts),
                "ExtGState": pdfdoc.PDFDictionary({"Multiply": multiply}),
            }
        )
        return document.Reference(form, pdfdoc.xObjectName(name))

    def _mark_operators(self) -> list[str]:
        turn, lean = cos(radians(ANGLE)), sin(radians(ANGLE))
        middle = f"{turn:.4f} {lean:.4f} {-lean:.4f} {turn:.4f} {PAGE_WIDTH / 2:.2f} {PAGE_HEIGHT / 2:.2f} cm"
        runs = [
            (0.0, _centred(MARK_TEXT, 0, -20, 104, MARK_COLOUR)),
            (0.0, _centred(MARK_SMALL_TEXT, 0, -64, 30, MARK_COLOUR)),
        ]
        return ["q", "/Multiply gs", middle, *self._artifact(runs), "Q"]

    def _seal_operators(self) -> list[str]:
        middle = SEAL_SIZE / 2
        runs = [
            (0.0, _centred("转正式合同时盖章", middle, middle + 3, 8, SEAL_COLOUR)),
            (0.0, _centred("Seal upon conversion", middle, middle - 9, 7.2, SEAL_COLOUR)),
        ]
        ring = f"q {SEAL_COLOUR} RG 0.9 w [4 3] 0 d {_circle(middle, middle, middle - 2)} S Q"
        return [ring, *self._artifact(runs)]

    def _artifact(self, runs: list[tuple[float, Text]]) -> list[str]:
        """The texts with an empty replacement text: they are read from /Contents, not among the page's words."""
        return ["/Span <</ActualText ()>> BDC", *self.painter.text_operators(runs), "EMC"]


def _centred(text: str, x: float, y: float, size: float, colour: str) -> Text:
    return Text(x - fonts.text_width(text, fonts.BOLD, size) / 2, -y, text, Style(fonts.BOLD, size, colour))


def _circle(x: float, y: float, radius: float) -> str:
    """Path operators: four Bézier curves."""
    handle = radius * 0.5523
    curves = [
        (radius, handle, handle, radius, 0, radius),
        (-handle, radius, -radius, handle, -radius, 0),
        (-radius, -handle, -handle, -radius, 0, -radius),
        (handle, -radius, radius, -handle, radius, 0),
    ]
    path = [f"{x + radius:.2f} {y:.2f} m"]
    for curve in curves:
        points = [f"{x + value:.2f}" if n % 2 == 0 else f"{y + value:.2f}" for n, value in enumerate(curve)]
        path.append(f"{' '.join(points)} c")
    return " ".join(path)
