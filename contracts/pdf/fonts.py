"""The document's fonts: registration, measured widths, line breaking, and what they cannot print (R28)."""

import re
import threading
from bisect import bisect_right
from functools import cache, lru_cache
from itertools import accumulate, groupby
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.pdfdoc import PDFDocument
from reportlab.pdfbase.ttfonts import TTFont

from common.normal_forms import normalise_line, normalise_text

FOLDER = Path(__file__).resolve().parent.parent / "fonts"
REGULAR = "NotoSansSC-Regular"
"""For customers' and issuers' text: it has all of GBK."""
BOLD = "NotoSansSC-Bold"
"""For the document's own headings and figures only: it has no more than GB 2312."""
FALLBACK = "ContractFallback"
"""An optional further font for rare characters; see use_fallback."""
FALLBACK_NAME = "Fallback-"

LOADING = threading.Lock()
"""Held while a font is loaded: a document must not see two of one name."""
SAVING = threading.Lock()
"""Held while a document is written: subsetting moves a read position that a font's users share."""

WIDE = "\u2e80"
"""From here on characters are Chinese, Japanese or full-width, and make no words."""
NO_LINE_START = frozenset("!%),.:;?]}¢°·ˇˉ―‖’”…‰′″›℃∶、。〃〉》」』】〕〗〞︰！＂％＇），．／：；？］｀｜｝～￠–—")
NO_LINE_END = frozenset("$([{£¥‘“〈《「『【〔〖〝＄（．［｛￡￥")

MOST_SPREAD = 0.08
"""In sizes of the text. A tenth is read as a space by programs."""


def font(name: str) -> TTFont:
    """Return the registered font, read from its file once per process."""
    with LOADING:
        return _load(name)


@cache
def _load(name: str) -> TTFont:
    loaded = TTFont(name, str(FOLDER / f"{name}.ttf"), asciiReadable=False, shapable=False)
    pdfmetrics.registerFont(loaded)
    return loaded


class _FallbackFont(TTFont):
    """A font that may be any: of the same name as ours, with characters beyond the basic plane."""

    def __init__(self, path: str | Path) -> None:
        super().__init__(FALLBACK, str(path), asciiReadable=False, shapable=False)
        self.face.name = FALLBACK_NAME.encode() + self.face.name  # ReportLab refuses two fonts of one name

    def addObjects(self, doc: PDFDocument) -> None:  # noqa: N802 — ReportLab's name
        """As ReportLab does, with the text of characters beyond the basic plane put right for copying and searching."""
        super().addObjects(doc)
        for name, stream in doc.idToObject.items():
            if name.startswith("toUnicodeCMap:") and FALLBACK_NAME in name:
                stream.content = re.sub("<([0-9A-F]{5,6})>", _as_utf16, stream.content)


def _as_utf16(code: re.Match[str]) -> str:
    return f"<{chr(int(code[1], 16)).encode('utf-16-be').hex().upper()}>"


_fallback: TTFont | None = None


def use_fallback(path: str | Path) -> None:
    """Print characters that the two fonts lack from the TrueType font at `path`. Call at the start of the process.

    ReportLab's TTFError if it is not a TrueType font that can be embedded.
    """
    global _fallback  # noqa: PLW0603 — a process has one set of fonts
    _fallback = _FallbackFont(path)
    _fallback.unregister()  # one that was loaded before
    pdfmetrics.registerFont(_fallback)
    widths.cache_clear()
    justify.cache_clear()


def font_with(character: str, name: str) -> TTFont:
    """The font that prints the character where font `name` is asked for."""
    asked = font(name)
    code = ord(character)
    if code in asked.face.charToGlyph:
        return asked
    if code in font(REGULAR).face.charToGlyph or _fallback is None:
        return font(REGULAR)
    return _fallback


def split_by_font(text: str, name: str) -> list[tuple[str, str]]:
    """Split a text in font `name` into (font name, part): parts that it lacks are printed in another font."""
    if font(name).face.charToGlyph.keys() >= set(map(ord, text)):
        return [(name, text)]
    fonts_of = groupby(text, key=lambda character: font_with(character, name).fontName)
    return [(font_name, "".join(part)) for font_name, part in fonts_of]


class _Widths(dict[str, float]):
    """Width of each character at size 1, measured when it is first asked for."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def __missing__(self, character: str) -> float:
        width = font_with(character, self.name).face.getCharWidth(ord(character)) / 1000
        self[character] = width
        return width


@cache
def widths(name: str) -> dict[str, float]:
    return _Widths(name)


def text_width(text: str, name: str, size: float) -> float:
    """Width in points."""
    return sum(map(widths(name).__getitem__, text)) * size


def missing_characters(text: str) -> str:
    """The characters of the text that would print as boxes, each once, in order; empty if all can be printed (R28)."""
    known = font(REGULAR).face.charToGlyph
    if all(ord(c) in known for c in set(text)):
        return ""
    spare = _fallback.face.charToGlyph if _fallback else {}
    printed = normalise_text(text).replace("\n", "")
    missing = {c for c in set(printed) if ord(c) not in known and ord(c) not in spare}
    return "".join(dict.fromkeys(c for c in printed if c in missing)) if missing else ""


def wrap(text: str, name: str, size: float, width: float) -> list[str]:
    """The text as lines no wider than `width` points; no text, no lines.

    Latin text breaks between words, Chinese anywhere except before closing and after opening punctuation, and a
    word longer than a line by character. Newlines in the text are kept.
    """
    measure = widths(name).__getitem__
    lines: list[str] = []
    for paragraph in normalise_text(text).split("\n"):
        if paragraph:
            _wrap_paragraph(paragraph, list(accumulate(map(measure, paragraph))), width / size, lines)
    return lines


@lru_cache(maxsize=256)
def justify(text: str, name: str, size: float, width: float) -> tuple[tuple[str, float], ...]:
    """As `wrap`, each line with the points to add between its characters so that it fills the width.

    None are added to a paragraph's last line, nor to a line that would look torn. Kept, as most contracts have the
    same clauses.
    """
    result: list[tuple[str, float]] = []
    for paragraph in normalise_text(text).split("\n"):
        lines = wrap(paragraph, name, size, width)
        for line in lines[:-1]:
            spread = (width - text_width(line, name, size)) / max(len(line) - 1, 1)
            result.append((line, spread if 0 < spread <= MOST_SPREAD * size else 0.0))
        result += [(line, 0.0) for line in lines[-1:]]
    return tuple(result)


def _wrap_paragraph(text: str, ends: list[float], width: float, lines: list[str]) -> None:
    """Append the lines of `text`; `ends` holds where each character ends, in the unit of `width`."""
    start, offset = 0, 0.0
    while True:
        # half a hundredth of slack: sums of floats, and one more line for nothing looks odd
        fitting = bisect_right(ends, offset + width + 0.005)
        if fitting >= len(text):
            lines.append(text[start:])
            return
        stop = _break_before(text, start, fitting)
        lines.append(text[start:stop].rstrip())
        start = stop + (text[stop] == " ")
        if start == len(text):
            return
        offset = ends[start - 1]


def _break_before(text: str, start: int, fitting: int) -> int:
    """The last place up to `fitting` where the line that began at `start` may end.

    What belongs together stays so, unless that would leave half the line empty.
    """
    second_best = 0
    for stop in range(fitting, start, -1):
        before, after = text[stop - 1], text[stop]
        if before < WIDE and after < WIDE and after != " " and before not in " -/":
            continue  # within a word: by far the most places, so it is asked first
        if _may_break(before, after):
            if stop - start < (fitting - start) / 2:
                return second_best or stop
            if not _tears(text, stop):
                return stop
            second_best = second_best or stop
    return second_best or max(fitting, start + 1)


def _tears(text: str, stop: int) -> bool:
    """Whether a break here parts what belongs together: "200 GB", "12 个月", "Party A", "Mbit/s", a date, its time."""
    if " " in text[stop - 1 : stop + 1]:
        space = stop if text[stop] == " " else stop - 1
        first, second, third = (text[n : n + 1] for n in range(space + 1, space + 4))
        lone_letter = first.isupper() and not second.isalnum()
        return lone_letter or (text[space - 1].isdigit() and (not first.isdigit() or third == ":"))
    if text[stop - 1] in "-/":
        return (text[stop - 2].isdigit() and text[stop].isdigit()) or not text[stop + 1 : stop + 2].isalnum()
    return False


def _may_break(before: str, after: str) -> bool:
    if after == " " or before == " ":
        return after == " " or after not in NO_LINE_START
    if after in NO_LINE_START or before in NO_LINE_END:
        return False
    return before in "-/" or before >= WIDE or after >= WIDE


def fit(text: str, name: str, size: float, width: float) -> str:
    """The text on one line of `width` points, cut with an ellipsis if it is longer."""
    text = normalise_line(text)
    if text_width(text, name, size) <= width:
        return text
    ends = list(accumulate(map(widths(name).__getitem__, text)))
    room = width / size - widths(name)["…"]
    return text[: bisect_right(ends, room)].rstrip() + "…"
