"""The document's fonts: loading, text widths, line breaks, and unprintable characters (R28)."""

import re
import threading
from bisect import bisect_right
from functools import cache, lru_cache
from itertools import accumulate, groupby
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.pdfdoc import PDFDocument
from reportlab.pdfbase.ttfonts import TTFont

from common.normal_forms import normalise_text

FONT_FOLDER = Path(__file__).resolve().parent / "font_files"
REGULAR = "NotoSansSC-Regular"
"""For texts of customers and issuer: covers GBK."""
BOLD = "NotoSansSC-Bold"
"""Only for the document's own headings and for figures: covers GB 2312."""
FALLBACK = "ContractFallback"
"""Optional font for rare characters; see use_fallback."""
FALLBACK_NAME = "Fallback-"
"""Prefix of its name in PDF files."""

LOAD_LOCK = threading.Lock()
"""Held while a font is loaded, so that it is registered once."""
SAVE_LOCK = threading.Lock()
"""Held while a document is written, because subsetting moves a read position that all users of a font share."""

FIRST_WIDE_CHARACTER = "\u2e80"
"""From this character on, text is Chinese, Japanese or full-width and may break anywhere."""
NO_LINE_START = frozenset("!%),.:;?]}¢°·ˇˉ―‖’”…‰′″›℃∶、。〃〉》」』】〕〗〞︰！＂％＇），．／：；？］｀｜｝～￠–—")
NO_LINE_END = frozenset("$([{£¥‘“〈《「『【〔〖〝＄（．［｛￡￥")

MAX_SPREAD_RATIO = 0.08
"""Maximum spread, as a ratio of the font size. Programs read a tenth as a space."""


def get_font(name: str) -> TTFont:
    """Return the registered font. Its file is read once per process."""
    with LOAD_LOCK:
        return _load(name)


@cache
def _load(name: str) -> TTFont:
    loaded = TTFont(name, str(FONT_FOLDER / f"{name}.ttf"), asciiReadable=False, shapable=False)
    pdfmetrics.registerFont(loaded)
    return loaded


class _FallbackFont(TTFont):
    """Any font: it may have the name of one of ours, and characters beyond the basic plane."""

    def __init__(self, path: str | Path) -> None:
        super().__init__(FALLBACK, str(path), asciiReadable=False, shapable=False)
        self.face.name = FALLBACK_NAME.encode() + self.face.name  # ReportLab refuses two fonts of one name

    def addObjects(self, doc: PDFDocument) -> None:  # noqa: N802 — ReportLab's name
        """Correct ReportLab's text of characters beyond the basic plane, so that it can be copied and searched."""
        super().addObjects(doc)
        for name, stream in doc.idToObject.items():
            if name.startswith("toUnicodeCMap:") and FALLBACK_NAME in name:
                stream.content = re.sub("<([0-9A-F]{5,6})>", _as_utf16, stream.content)


def _as_utf16(code: re.Match[str]) -> str:
    return f"<{chr(int(code[1], 16)).encode('utf-16-be').hex().upper()}>"


_fallback: TTFont | None = None


def use_fallback(path: str | Path) -> None:
    """Use the TrueType font at `path` for characters that both fonts lack. Call this when the process starts.

    Raises ReportLab's TTFError if it is not a TrueType font that can be embedded.
    """
    global _fallback  # noqa: PLW0603 — a process has one set of fonts
    _fallback = _FallbackFont(path)
    _fallback.unregister()  # drops one loaded before
    pdfmetrics.registerFont(_fallback)
    widths.cache_clear()
    justify.cache_clear()


def get_font_for(character: str, name: str) -> TTFont:
    """Return the font that prints the character in a text of font `name`."""
    asked = get_font(name)
    code = ord(character)
    if code in asked.face.charToGlyph:
        return asked
    if code in get_font(REGULAR).face.charToGlyph or _fallback is None:
        return get_font(REGULAR)
    return _fallback


def split_by_font(text: str, name: str) -> list[tuple[str, str]]:
    """Split a text of font `name` into (font name, part), with other fonts for characters that it lacks."""
    if get_font(name).face.charToGlyph.keys() >= set(map(ord, text)):
        return [(name, text)]
    fonts_of = groupby(text, key=lambda character: get_font_for(character, name).fontName)
    return [(font_name, "".join(part)) for font_name, part in fonts_of]


class _Widths(dict[str, float]):
    """Widths of characters at size 1, measured on first use."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def __missing__(self, character: str) -> float:
        width = get_font_for(character, self.name).face.getCharWidth(ord(character)) / 1000
        self[character] = width
        return width


@cache
def widths(name: str) -> dict[str, float]:
    return _Widths(name)


def text_width(text: str, name: str, size: float) -> float:
    """Return the width of the text in points."""
    return sum(map(widths(name).__getitem__, text)) * size


def missing_characters(text: str) -> str:
    """Return the characters that would print as boxes, each once, in order; empty if there are none (R28)."""
    known = get_font(REGULAR).face.charToGlyph
    if all(ord(c) in known for c in set(text)):
        return ""
    spare = _fallback.face.charToGlyph if _fallback else {}
    printed = normalise_text(text).replace("\n", "")
    missing = {c for c in set(printed) if ord(c) not in known and ord(c) not in spare}
    return "".join(dict.fromkeys(c for c in printed if c in missing)) if missing else ""


def wrap(text: str, name: str, size: float, width: float) -> list[str]:
    """Return the text as lines of at most `width` points; an empty text has no lines.

    Latin text breaks between words; Chinese anywhere except before closing and after opening punctuation. A word longer
    than a line breaks by character. Newlines in the text are kept.
    """
    measure = widths(name).__getitem__
    lines: list[str] = []
    for paragraph in normalise_text(text).split("\n"):
        if paragraph:
            _wrap_paragraph(paragraph, list(accumulate(map(measure, paragraph))), width / size, lines)
    return lines


@lru_cache(maxsize=256)
def justify(text: str, name: str, size: float, width: float) -> tuple[tuple[str, float], ...]:
    """Wrap the text and return each line with its spread: points between characters so that the line fills the width.

    The spread is 0 for a paragraph's last line, and for a line that would need more than MAX_SPREAD_RATIO. Results are
    cached, because most contracts have the same clauses.
    """
    result: list[tuple[str, float]] = []
    for paragraph in normalise_text(text).split("\n"):
        lines = wrap(paragraph, name, size, width)
        for line in lines[:-1]:
            spread = (width - text_width(line, name, size)) / max(len(line) - 1, 1)
            result.append((line, spread if 0 < spread <= MAX_SPREAD_RATIO * size else 0.0))
        result += [(line, 0.0) for line in lines[-1:]]
    return tuple(result)


def _wrap_paragraph(text: str, ends: list[float], width: float, lines: list[str]) -> None:
    """Append the lines of `text` to `lines`. `ends`: where each character ends, in the unit of `width`."""
    start, offset = 0, 0.0
    while True:
        # The slack of 0.005 prevents an extra line caused by rounding.
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
    """Return the last position up to `fitting` where the line that begins at `start` may end.

    Pairs such as "200 GB" stay together unless that would leave half the line empty.
    """
    second_best = 0
    for stop in range(fitting, start, -1):
        before, after = text[stop - 1], text[stop]
        if before < FIRST_WIDE_CHARACTER and after < FIRST_WIDE_CHARACTER and after != " " and before not in " -/":
            continue  # within a word: checked first, because most positions are
        if _may_break(before, after):
            if stop - start < (fitting - start) / 2:
                return second_best or stop
            if not _parts_pair(text, stop):
                return stop
            second_best = second_best or stop
    return second_best or max(fitting, start + 1)


def _parts_pair(text: str, stop: int) -> bool:
    """Return True if a break here parts a pair: "200 GB", "12 个月", "Party A", "Mbit/s", a date, or date and time."""
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
    return before in "-/" or before >= FIRST_WIDE_CHARACTER or after >= FIRST_WIDE_CHARACTER
