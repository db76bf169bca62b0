"""The visible contract seal (合同专用章) as vector art: PDF drawing operators, no raster, no fonts.

Letters are drawn as filled outlines. A seal is an image of ink, not text: as text, its letters on a circle would
mix into what a reader or a search copies out of the contract, and the official contract must say what the draft
says (R3). It also needs no font in the sealed file.

Coordinates: a square of `SIZE` × `SIZE` points (42 mm, the usual size of a company's seal), origin bottom left.
"""

import math
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

from django.conf import settings
from fontTools.pens.basePen import BasePen
from fontTools.ttLib import TTFont

from common.normal_forms import normalise_line

SIZE = 42 * 72 / 25.4
INK = "0.784 0.063 0.180"
"""#C8102E as PDF colour components."""

FONTS = Path(__file__).parent.parent / "pdf" / "font_files"
_CENTRE = SIZE / 2
_EDGE = 51.2
"""How far from the centre the letters on the circle may reach, in points."""
_lock = Lock()


class UnprintableSealError(ValueError):
    """No font has these characters. `str()` gives them."""


class Glyph(NamedTuple):
    """A letter's outline as path operators, and its advance width; both in 1/1000 of the letter size."""

    path: bytes
    width: float


class _PathPen(BasePen):
    """Collects an outline as PDF path operators (ISO 32000-2, 8.5.2)."""

    def __init__(self, glyphs: Any) -> None:
        super().__init__(glyphs)
        self.operators: list[str] = []

    def _moveTo(self, pt: tuple[float, float]) -> None:  # noqa: N802 (fontTools' name)
        self.operators.append(f"{pt[0]:.0f} {pt[1]:.0f} m")

    def _lineTo(self, pt: tuple[float, float]) -> None:  # noqa: N802
        self.operators.append(f"{pt[0]:.0f} {pt[1]:.0f} l")

    def _curveToOne(self, *points: tuple[float, float]) -> None:  # noqa: N802
        self.operators.append(" ".join(f"{x:.0f} {y:.0f}" for x, y in points) + " c")

    def _closePath(self) -> None:  # noqa: N802
        self.operators.append("h")


def seal_art(issuer_name: str, note: str = "") -> bytes:
    """Draw everything on the seal that is the same on every contract, as a content stream.

    `note` is a small line under the sealing time, for example that a test seal is not legally binding.
    Raises UnprintableSealError where no font has a character of the name.
    """
    return _seal_art(normalise_line(issuer_name), note)


@lru_cache(maxsize=16)
def _seal_art(issuer_name: str, note: str) -> bytes:
    parts = [
        f"q {INK} rg {INK} RG",
        f"2.6 w {_circle(57.6)} S",
        f"0.45 w {_circle(54.6)} S",
        _milling(),
        _star(_CENTRE, _CENTRE + 6.2, 17),
        _on_upper_arc(issuer_name),
        _straight("合同专用章", 10.4, y=35.8, spacing=0.6),
        _straight("CONTRACT SEAL", 4.3, y=29.6, spacing=0.45),
        _straight(note, 2.8, y=20.6, spacing=0.1),
        "Q",
    ]
    return "\n".join(part for part in parts if part).encode()


def time_art(at: datetime, level: str) -> bytes:
    """Draw the sealing time, aware, with its UTC offset, and the PAdES level, as a content stream."""
    offset = f"{at:%z}"
    text = f"{at:%Y-%m-%d %H:%M} {offset[:3]}:{offset[3:5]} · {level}"
    return f"q {INK} rg\n{_straight(text, 3.3, y=25, spacing=0.1)}\nQ".encode()


def number_art(number: str) -> bytes:
    """Draw a contract's number along the foot of the seal, upright, as a content stream."""
    letters = [_glyph(char) for char in number]
    natural = sum(letter.width for letter in letters) / 1000
    size = min(5.0, math.radians(84) * (_EDGE - 3) / (natural + 0.08 * len(letters)))
    baseline = _EDGE - 0.5
    step = [(letter.width / 1000 + 0.08) * size / (baseline - size * 0.35) for letter in letters]
    angle = -sum(step) / 2
    parts = [f"q {INK} rg"]
    for letter, width in zip(letters, step, strict=True):
        middle = angle + width / 2
        angle += width
        # Clockwise from the foot would put the letters on their heads: here angles run left to right.
        x = _CENTRE + baseline * math.sin(middle)
        y = _CENTRE - baseline * math.cos(middle)
        parts.append(_place(letter, (x, y), middle, size))
    return "\n".join([*parts, "Q"]).encode()


def _on_upper_arc(text: str) -> str:
    """Set the issuer's name clockwise along the inside of the ring, letters standing outwards.

    Long names get smaller and narrower letters, short ones wider gaps; at most 250° are used, so that the foot of
    the seal stays free for the number.
    """
    letters = [_glyph(char) for char in text]
    chinese = sum(1 for char in text if ord(char) > 0x2E7F) * 2 > len(text)
    size, narrow, gap = _fit_arc(letters, chinese=chinese)
    baseline = _EDGE - size * 0.86
    middle_radius = baseline + size * 0.38
    step = [(letter.width / 1000 * narrow + gap) * size / middle_radius for letter in letters]
    angle = -sum(step) / 2
    parts = []
    for letter, width in zip(letters, step, strict=True):
        middle = angle + width / 2
        angle += width
        x = _CENTRE + baseline * math.sin(middle)
        y = _CENTRE + baseline * math.cos(middle)
        parts.append(_place(letter, (x, y), -middle, size, narrow))
    return "\n".join(part for part in parts if part)


def _fit_arc(letters: list[Glyph], *, chinese: bool) -> tuple[float, float, float]:
    """Choose letter size in points, horizontal scale and gap (in letter sizes) for a name on the circle."""
    natural = sum(letter.width for letter in letters) / 1000
    largest, widest_gap, least_gap = (14.0, 0.9, 0.06) if chinese else (10.5, 0.16, 0.04)
    size, room = largest, 0.0
    while size > 1:
        room = math.radians(250) * (_EDGE - size * 0.48) / size
        if natural * 0.72 + least_gap * len(letters) <= room:
            break
        size *= 0.97
    narrow = min(0.86 if chinese else 1.0, max(0.72, (room - least_gap * len(letters)) / max(natural, 0.001)))
    gap = (room - natural * narrow) / max(len(letters), 1)
    return size, narrow, max(least_gap, min(widest_gap, gap))


def _straight(text: str, size: float, *, y: float, spacing: float) -> str:
    """Set one centred line; `spacing` in points between letters."""
    letters = [_glyph(char) for char in text]
    widths = [letter.width / 1000 * size for letter in letters]
    x = _CENTRE - (sum(widths) + spacing * (len(letters) - 1)) / 2
    parts = []
    for letter, width in zip(letters, widths, strict=True):
        parts.append(_place(letter, (x + width / 2, y), 0, size))
        x += width + spacing
    return "\n".join(part for part in parts if part)


def _place(letter: Glyph, at: tuple[float, float], turn: float, size: float, narrow: float = 1) -> str:
    """One letter, the middle of its baseline at `at`, turned by `turn` radians anticlockwise."""
    if not letter.path:
        return ""
    scale = size / 1000
    cos, sin = math.cos(turn), math.sin(turn)
    shift = -letter.width / 2 * scale * narrow
    matrix = (
        cos * scale * narrow,
        sin * scale * narrow,
        -sin * scale,
        cos * scale,
        at[0] + shift * cos,
        at[1] + shift * sin,
    )
    return "q " + " ".join(f"{value:.5f}" for value in matrix) + " cm " + letter.path.decode() + " f Q"


def _circle(radius: float) -> str:
    """A full circle about the centre, from four Bézier curves."""
    bend = radius * 0.5522847
    arcs = [f"{_CENTRE + radius:.3f} {_CENTRE:.3f} m"]
    for cos, sin in ((1, 0), (0, 1), (-1, 0), (0, -1)):
        points = (
            (radius * cos - bend * sin, radius * sin + bend * cos),
            (-radius * sin + bend * cos, radius * cos + bend * sin),
            (-radius * sin, radius * cos),
        )
        arcs.append(" ".join(f"{_CENTRE + x:.3f} {_CENTRE + y:.3f}" for x, y in points) + " c")
    return " ".join([*arcs, "h"])


def _milling() -> str:
    """Fine strokes between the rings, like the rim of a coin: one dashed circle."""
    return f"q 1.6 w [0.35 {math.tau * 55.8 / 240 - 0.35:.5f}] 0 d {_circle(55.8)} S Q"


def _star(x: float, y: float, radius: float) -> str:
    """A filled five-pointed star, one point up."""
    inner = radius * math.sin(math.radians(18)) / math.sin(math.radians(126))
    points = []
    for index in range(10):
        reach = inner if index % 2 else radius
        angle = math.radians(90 + 36 * index)
        points.append(f"{x + reach * math.cos(angle):.3f} {y + reach * math.sin(angle):.3f}")
    return f"{points[0]} m " + " ".join(f"{point} l" for point in points[1:]) + " h f"


@lru_cache(maxsize=512)
def _glyph(char: str) -> Glyph:
    with _lock:  # a lazily read font seeks in one buffer
        for font, cmap in _fonts():
            name = cmap.get(ord(char))
            if name is not None:
                glyphs = font.getGlyphSet()
                pen = _PathPen(glyphs)
                glyphs[name].draw(pen)
                scale = 1000 / font["head"].unitsPerEm
                path = " ".join(pen.operators)
                if path and scale != 1:
                    path = f"{scale:.5f} 0 0 {scale:.5f} 0 0 cm {path}"
                return Glyph(path.encode(), glyphs[name].width * scale)
    raise UnprintableSealError(char)


@lru_cache(maxsize=1)
def _fonts() -> list[tuple[Any, dict[int, str]]]:
    """The fonts to look in, in order: bold, regular, the operator's FALLBACK_FONT where one is set."""
    files = [FONTS / "NotoSansSC-Bold.ttf", FONTS / "NotoSansSC-Regular.ttf"]
    fallback = settings.FALLBACK_FONT
    if fallback:
        files.append(Path(fallback))
    # Read into memory first: workers forked from one parent would share an open file's position.
    fonts = [TTFont(BytesIO(file.read_bytes()), lazy=True, fontNumber=0) for file in files]
    return [(font, font.getBestCmap()) for font in fonts]
