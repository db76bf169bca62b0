"""From placed strips to the bytes of a PDF file.

Page content is written as PDF operators rather than through the canvas's drawing calls, which measure, encode and
escape each run anew: on 200 orders that costs more than all the rest.
"""

import re
from datetime import datetime

from reportlab import rl_config
from reportlab.pdfgen.canvas import Canvas

from contracts.pdf import fonts
from contracts.pdf.layout import BOTTOM, PAGE_HEIGHT, PAGE_WIDTH, Box, Page, Text, reading_order

FIRST_MARK = 0x100
RUN = re.compile("([^0-9a-f])[0-9a-f]{2}(?:\\1[0-9a-f]{2})*")
"""Coded characters of one font resource; see _Codes."""

rl_config.useA85 = 0  # compressed streams as they are: text encoding them makes files larger and takes longer


class Painter:
    """Writes one document. Fonts are embedded as far as their characters are used."""

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
        self.canvas.setViewerPreference("PrintScaling", "None")  # a seal is of a size
        self.canvas.addPageLabel(0, "ARABIC", 1)
        stamp = created.strftime("D:%Y%m%d%H%M%S%z")
        self.canvas.setDateFormatter(lambda *_: f"{stamp[:-2]}'{stamp[-2:]}'")
        self._bookmarks = 0
        self._resources = _Resources(self.canvas)
        self._codes = {name: _Codes(self._resources, name) for name in (fonts.REGULAR, fonts.BOLD)}
        self._ascii = {name: self._resources.names[self._resources.encode("A", name)[0]] for name in self._codes}

    def page(self, page: Page, texts: list[Text], boxes: list[Box]) -> None:
        """Draw a page: its strips, then `texts` and `boxes` with places counted from the head of the page.

        What shall appear on the page as annotations is to be added between `page` and `end_page`.
        """
        drawn = [_box_operators(top, box) for top, strip in page for box in strip.boxes]
        drawn += [_box_operators(PAGE_HEIGHT, box) for box in boxes]
        above = [(PAGE_HEIGHT, text) for text in texts if text.down < PAGE_HEIGHT - BOTTOM]
        below = [(PAGE_HEIGHT, text) for text in texts if text.down >= PAGE_HEIGHT - BOTTOM]
        runs = [*above, *reading_order(page), *below]
        self.canvas.addLiteral("\n".join([*drawn, *self.text_operators(runs)]))

    def bookmark(self, title: str, top: float) -> None:
        """An entry of the outline that goes to the current page, `top` points from its foot at the head of the view."""
        self._bookmarks += 1
        name = f"section-{self._bookmarks}"
        self.canvas.bookmarkHorizontalAbsolute(name, round(top, 2))
        self.canvas.addOutlineEntry(title, name)

    def end_page(self) -> None:
        self.canvas.showPage()

    def text_operators(self, runs: list[tuple[float, Text]]) -> list[str]:
        """One text object with all runs, each counted down from its strip's upper edge."""
        operators = ["BT"]
        colour_now = font_now = ""
        spread_now: float = 0
        for top, (x, down, text, (name, size, colour), spread) in runs:
            if colour != colour_now:
                operators.append(f"{colour} rg")
                colour_now = colour
            if spread != spread_now:
                operators.append(f"{spread:.4f} Tc")
                spread_now = spread
            operators.append(f"1 0 0 1 {x:.2f} {top - down:.2f} Tm")
            for resource, shown in self._segments(text, name):
                font = f"{resource} {size:.4g} Tf"
                if font != font_now:
                    operators.append(font)
                    font_now = font
                operators.append(shown)
        operators.append("0 Tc ET" if spread_now else "ET")  # the spread would outlive the text object
        return operators

    def bytes(self) -> bytes:
        """The finished file."""
        with fonts.SAVING:
            return self.canvas.getpdfdata()

    def _segments(self, text: str, name: str) -> list[tuple[str, str]]:
        """The text as (font resource, show operator), one for each of the 256-character fonts that it needs."""
        if text.isascii():
            # ReportLab's first subset has ASCII at its own codes
            escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
            return [(self._ascii[name], f"({escaped}) Tj")]
        coded = "".join(map(self._codes[name].__getitem__, text))
        return [
            (self._resources.names[ord(run[1]) - FIRST_MARK], f"<{run[0].replace(run[1], '')}> Tj")
            for run in RUN.finditer(coded)
        ]


class _Resources:
    """The font resources that a document uses: 256 characters of a font each, numbered as they come up."""

    def __init__(self, canvas: Canvas) -> None:
        self.document = canvas._doc
        self.names: list[str] = []

    def encode(self, character: str, name: str) -> tuple[int, str]:
        """The resource's number, and the character's code there in hex."""
        font = fonts.font_with(character, name)
        [(subset, code)] = font.splitString(character, self.document)
        resource = font.getSubsetInternalName(subset, self.document)
        if resource not in self.names:
            self.names.append(resource)
        return self.names.index(resource), code.hex()


class _Codes(dict[str, str]):
    """Each character as a mark that stands for its font resource, and its code there: "Ā4f"."""

    def __init__(self, resources: _Resources, name: str) -> None:
        super().__init__()
        self.resources = resources
        self.name = name

    def __missing__(self, character: str) -> str:
        number, code = self.resources.encode(character, self.name)
        self[character] = coded = chr(FIRST_MARK + number) + code
        return coded


def _box_operators(top: float, box: Box) -> str:
    x, down, width, height, colour = box
    return f"{colour} rg {x:.2f} {top - down - height:.2f} {width:.2f} {height:.2f} re f"
