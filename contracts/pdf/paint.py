"""From placed strips to the bytes of a PDF file.

Page content is written as PDF operators rather than through the canvas's drawing calls, which measure, encode and
escape each run anew: on 200 orders that costs more than all the rest.
"""

import re
from datetime import datetime
from functools import cache
from itertools import groupby

from reportlab import rl_config
from reportlab.pdfgen.canvas import Canvas

from contracts.pdf import fonts
from contracts.pdf.layout import BOTTOM, PAGE_HEIGHT, PAGE_WIDTH, Box, Page, Style, Text, reading_order

ESCAPES = str.maketrans({"\\": "\\\\", "(": "\\(", ")": "\\)"})

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
        self._ascii_texts: dict[str, list[str]] = {name: [] for name in self._codes}
        self._ascii = {name: self._resources.names[self._codes[name][ord("A")] >> 8] for name in self._codes}

    def page(self, page: Page, texts: list[Text], boxes: list[Box]) -> None:
        """Draw a page: its strips, then `texts` and `boxes` with places counted from the head of the page.

        What shall appear on the page as annotations is to be added between `page` and `end_page`.
        """
        drawn = _box_operators(
            [*((top, box) for top, strip in page for box in strip.boxes), *((PAGE_HEIGHT, box) for box in boxes)]
        )
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
        style_now: Style | None = None
        colour_now = font_now = ""
        spread_now = 0.0
        x_now = y_now = 0
        for top, (x, down, text, style, spread) in runs:
            if style is not style_now:
                name, size, colour = style_now = style
                if colour != colour_now:
                    operators.append(f"{colour} rg")
                    colour_now = colour
            if spread != spread_now:
                operators.append(f"{spread:.4f} Tc")
                spread_now = spread
            # In whole hundredths: from where the last run began, as rows then repeat each other and compress well.
            x_next, y_next = round(x * 100), round((top - down) * 100)
            operators.append(f"{(x_next - x_now) / 100:g} {(y_next - y_now) / 100:g} Td")
            x_now, y_now = x_next, y_next
            if text.isascii():  # ReportLab's first subset has ASCII at its own codes
                self._ascii_texts[name].append(text)
                if "(" in text or ")" in text or "\\" in text:
                    text = text.translate(ESCAPES)  # noqa: PLW2901
                shown = [(self._ascii[name], f"({text}) Tj")]
            else:
                shown = self._segments(text, name)
            for resource, operator in shown:
                if (font := f"{resource} {size:g} Tf") != font_now:
                    operators.append(font)
                    font_now = font
                operators.append(operator)
        operators.append("ET")
        return operators

    def bytes(self) -> bytes:
        """The finished file."""
        for name, texts in self._ascii_texts.items():
            among_others = "".join(map(chr, self._codes[name]))
            fonts.font(name).use_ascii("".join([*texts, among_others]), self.canvas._doc)
        with fonts.SAVING:
            return self.canvas.getpdfdata()

    def _segments(self, text: str, name: str) -> list[tuple[str, str]]:
        """The text as (font resource, show operator), one for each of the 256-character fonts that it needs."""
        coded = text.translate(self._codes[name])
        segments = []
        start = 0
        while start < len(coded):
            number = ord(coded[start]) >> 8
            end = _run_of(number).match(coded, start).end()  # type: ignore[union-attr]  # its first character does
            codes = coded[start:end].encode("utf-16-be")[1::2].hex()
            segments.append((self._resources.names[number], f"<{codes}> Tj"))
            start = end
        return segments


class _Resources:
    """The font resources that a document uses: 256 characters of a font each, numbered from 1 as they come up."""

    def __init__(self, canvas: Canvas) -> None:
        self.document = canvas._doc
        self.names = [""]
        self.numbers: dict[tuple[str, int], int] = {}

    def encode(self, character: str, name: str) -> int:
        """256 times the resource's number, and the character's code there."""
        font = fonts.font_with(character, name)
        [(subset, code)] = font.splitString(character, self.document)
        number = self.numbers.get((font.fontName, subset))
        if number is None:
            number = self.numbers[font.fontName, subset] = len(self.names)
            self.names.append(font.getSubsetInternalName(subset, self.document))
        return number << 8 | code[0]


class _Codes(dict[int, int]):
    """What `str.translate` makes of each character: one that holds its font resource and its code there."""

    def __init__(self, resources: _Resources, name: str) -> None:
        super().__init__()
        self.resources = resources
        self.name = name

    def __missing__(self, character: int) -> int:
        self[character] = coded = self.resources.encode(chr(character), self.name)
        return coded


@cache
def _run_of(number: int) -> re.Pattern[str]:
    """Coded characters of one font resource."""
    return re.compile(f"[{re.escape(chr(number << 8))}-{re.escape(chr(number << 8 | 0xFF))}]+")


def _box_operators(boxes: list[tuple[float, Box]]) -> list[str]:
    """The boxes, each counted down from its strip's upper edge; neighbours of one colour are filled together."""
    operators = []
    for colour, group in groupby(boxes, key=lambda each: each[1].colour):
        operators.append(f"{colour} rg")
        for top, (x, down, width, height, _) in group:
            operators.append(f"{x:.2f} {top - down - height:.2f} {width:.2f} {height:.2f} re")
        operators.append("f")
    return operators
