"""From placed strips to the bytes of a PDF file.

Page content is written as PDF operators rather than through the canvas's drawing calls, which measure, encode and
escape each run anew: on 200 orders that costs more than all the rest.
"""

from datetime import datetime

from reportlab import rl_config
from reportlab.pdfgen.canvas import Canvas

from contracts.pdf import fonts
from contracts.pdf.layout import BOTTOM, PAGE_HEIGHT, PAGE_WIDTH, Box, Page, Text, reading_order

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
        stamp = created.strftime("D:%Y%m%d%H%M%S%z")
        self.canvas.setDateFormatter(lambda *_: f"{stamp[:-2]}'{stamp[-2:]}'")
        self._codes: dict[str, dict[str, tuple[str, str]]] = {name: {} for name in (fonts.REGULAR, fonts.BOLD)}
        self._ascii = {name: self._resource(name, "A") for name in self._codes}

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

    def end_page(self) -> None:
        self.canvas.showPage()

    def text_operators(self, runs: list[tuple[float, Text]]) -> list[str]:
        """One text object with all runs, each counted down from its strip's upper edge."""
        operators = ["BT"]
        colour_now = style_now = ""
        for top, (x, down, text, name, size, colour) in runs:
            if colour != colour_now:
                operators.append(f"{colour} rg")
                colour_now = colour
            operators.append(f"1 0 0 1 {x:.2f} {top - down:.2f} Tm")
            for resource, shown in self._segments(text, name):
                style = f"{resource} {size} Tf"
                if style != style_now:
                    operators.append(style)
                    style_now = style
                operators.append(shown)
        operators.append("ET")
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
        codes = self._codes[name]
        segments: list[tuple[str, str]] = []
        resource_now, shown = "", ""
        for character in text:
            try:
                resource, code = codes[character]
            except KeyError:
                resource, code = codes[character] = self._encode(name, character)
            if resource != resource_now:
                if shown:
                    segments.append((resource_now, f"<{shown}> Tj"))
                resource_now, shown = resource, ""
            shown += code
        segments.append((resource_now, f"<{shown}> Tj"))
        return segments

    def _encode(self, name: str, character: str) -> tuple[str, str]:
        font = fonts.font_with(character, name)
        [(subset, code)] = font.splitString(character, self.canvas._doc)
        return font.getSubsetInternalName(subset, self.canvas._doc), code.hex()

    def _resource(self, name: str, character: str) -> str:
        return self._encode(name, character)[0]


def _box_operators(top: float, box: Box) -> str:
    x, down, width, height, colour = box
    return f"{colour} rg {x:.2f} {top - down - height:.2f} {width:.2f} {height:.2f} re f"
