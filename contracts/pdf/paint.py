"""From placed strips to the bytes of a PDF file.

Page content is written as PDF operators rather than through the canvas's drawing calls, which measure, encode and
escape each run anew: on 200 orders that costs more than all the rest.
"""

import re
from datetime import datetime
from itertools import groupby

import deflate
from reportlab import rl_config
from reportlab.pdfbase import pdfdoc
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from contracts.pdf import fonts
from contracts.pdf.layout import BOTTOM, PAGE_HEIGHT, PAGE_WIDTH, Box, Page, Style, Text, reading_order

ESCAPES = str.maketrans({"\\": "\\\\", "(": "\\(", ")": "\\)"})

rl_config.useA85 = 0  # compressed streams as they are: text encoding them makes files larger and takes longer


class _Deflate(pdfdoc.PDFStreamFilterZCompress):
    """By libdeflate, which takes half of zlib's time for a smaller stream."""

    def encode(self, text: str | bytes) -> bytes:
        return bytes(deflate.zlib_compress(text.encode() if isinstance(text, str) else text, LEVEL))


SEGMENT = re.compile("|".join(f"[{chr(n << 8)}-{chr(n << 8 | 0xFF)}]+" for n in range(1, 0xD8)))
"""Coded characters of one font resource; see _Resources."""
LEVEL = 3
"""Of 12: a third of zlib's time, and streams that are 1 % larger; at 5 it is half the time and they are smaller."""
pdfdoc.PDFZCompress = _Deflate()


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
        for name, codes in self._codes.items():
            codes.prepare("".join([run.text for _, run in runs if run.style.font == name]))
        operators = ["BT"]
        style_now: Style | None = None
        colour_now = ""
        font_now = ("", 0.0)
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
                if (resource, size) != font_now:
                    operators.append(f"{resource} {size:g} Tf")
                    font_now = (resource, size)
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
        codes = coded.encode("utf-16-be")[1::2].hex()
        segments, start = [], 0
        for run in SEGMENT.findall(coded):
            end = start + 2 * len(run)
            segments.append((self._resources.names[ord(run[0]) >> 8], f"<{codes[start:end]}> Tj"))
            start = end
        return segments


class _Resources:
    """The font resources that a document uses: 256 characters of a font each, numbered from 1 as they come up."""

    def __init__(self, canvas: Canvas) -> None:
        self.document = canvas._doc
        self.names = [""]
        self.numbers: dict[tuple[str, int], int] = {}

    def encode(self, characters: str, font: TTFont) -> list[int]:
        """For each character 256 times the number of its resource, and its code there."""
        coded = []
        for subset, codes in font.splitString(characters, self.document):
            number = self.numbers.get((font.fontName, subset))
            if number is None:
                number = self.numbers[font.fontName, subset] = len(self.names)
                self.names.append(font.getSubsetInternalName(subset, self.document))
            coded += [number << 8 | code for code in codes]
        return coded


class _Codes(dict[int, int]):
    """What `str.translate` makes of each character: one that holds its font resource and its code there."""

    def __init__(self, resources: _Resources, name: str) -> None:
        super().__init__()
        self.resources = resources
        self.name = name

    def prepare(self, text: str) -> None:
        """Code the characters of a page together; one by one takes as long as writing them."""
        font = fonts.font(self.name)
        new = "".join(c for c in dict.fromkeys(text) if ord(c) not in self and ord(c) in font.face.charToGlyph)
        self.update(zip(map(ord, new), self.resources.encode(new, font), strict=True))

    def __missing__(self, character: int) -> int:
        text = chr(character)
        [self[character]] = self.resources.encode(text, fonts.font_with(text, self.name))
        return self[character]


def _box_operators(boxes: list[tuple[float, Box]]) -> list[str]:
    """The boxes, each counted down from its strip's upper edge; neighbours of one colour are filled together."""
    operators, said = [], _TwoPlaces()
    for colour, group in groupby(boxes, key=lambda each: each[1].colour):
        operators.append(f"{colour} rg")
        for top, (x, down, width, height, _) in group:
            operators.append(f"{said[x]} {said[top - down - height]} {said[width]} {said[height]} re")
        operators.append("f")
    return operators


class _TwoPlaces(dict[float, str]):
    """Lengths as operands, each written out once: the modules of a QR code share nearly all of theirs."""

    def __missing__(self, length: float) -> str:
        self[length] = said = f"{length:.2f}"
        return said
