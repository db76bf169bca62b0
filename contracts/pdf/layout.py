"""The page: its geometry, the strips that a document is made of, and how strips become pages.

A document is a list of strips, each as wide as the page and no more than its texts and boxes with their places. Strips
know nothing of pages: `paginate` puts one under the other and begins a page where the next ones do not fit.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Literal, NamedTuple

from contracts.pdf import fonts

# Points. The right margin leaves room for a straddle seal across the page edges.
PAGE_WIDTH, PAGE_HEIGHT = 595.28, 841.89
LEFT, RIGHT = 51.0, 544.28
WIDTH = RIGHT - LEFT
TOP, BOTTOM = 778.0, 60.0
"""Where the strips of a page begin and end, from the foot of the page."""
BODY_HEIGHT = TOP - BOTTOM
BEGINNING = 120.0
"""The least room that a strip taller than a page begins in."""
MIDDLE_GAP = 22.0
COLUMN_WIDTH = (WIDTH - MIDDLE_GAP) / 2
SECOND_COLUMN = LEFT + COLUMN_WIDTH + MIDDLE_GAP

Colour = tuple[float, float, float]
"""Red, green, blue, each 0 to 1."""
INK = (0.11, 0.13, 0.16)
GREY = (0.36, 0.40, 0.45)
ACCENT = (0.122, 0.227, 0.373)
RULE = (0.80, 0.83, 0.87)
TINT = (0.953, 0.961, 0.973)
HAIRLINE = 0.5


class Style(NamedTuple):
    """How a text looks."""

    font: str
    size: float
    colour: Colour = INK


class Text(NamedTuple):
    """One run of text. `x` is its left edge; `down` its baseline, from the top of its strip."""

    x: float
    down: float
    text: str
    style: Style
    spread: float = 0
    """Points added between its characters, so that a line reaches the edge of its column."""


class Box(NamedTuple):
    """A filled rectangle; rules are thin ones. `down` is its upper edge, from the top of its strip."""

    x: float
    down: float
    width: float
    height: float
    colour: Colour


@dataclass(slots=True)
class Strip:
    """A horizontal piece of the document that is never parted, unless it is taller than a page."""

    height: float
    texts: list[Text] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    space: float = 0
    """White above the strip, unless it begins a page."""
    keep: bool = False
    """Stays on the page of the strip that follows."""
    head: "Strip | None" = None
    """Repeated above the strip when it begins a page: the head of its table."""
    columns: tuple[int, float] | None = None
    """Adjoining strips with the same value are two columns, to be read one after the other: (a number that tells them
    from the strips before, where the second column begins)."""
    bookmark: str = ""
    """The strip's entry in the document's outline."""
    seal_at: tuple[float, float] | None = None
    """The upper left corner of the seal's place: x, and down from the top of the strip."""

    def right(self, edge: float, down: float, text: str, style: Style) -> None:
        """Add a text that ends at `edge`."""
        self.texts.append(Text(edge - fonts.text_width(text, style.font, style.size), down, text, style))

    def lines(self, x: float, down: float, lines: list[str], style: Style, leading: float) -> None:
        """Add lines of text, `leading` points apart, the first with its baseline at `down`."""
        for line in lines:
            self.texts.append(Text(x, down, line, style))
            down += leading


class Placed(NamedTuple):
    """A strip on a page; `top` is its upper edge from the foot of the page."""

    top: float
    strip: Strip


Page = list[Placed]


def paginate(strips: list[Strip]) -> list[Page]:
    """The strips on pages, in order. Strips kept together move on together, unless together they exceed a page."""
    pages: list[Page] = [[]]
    room = BODY_HEIGHT
    for chain in _chains(strips):
        needed = _height(chain) - (0 if pages[-1] else chain[0].space)
        if needed > room and pages[-1]:
            pages.append([])
            room = BODY_HEIGHT
        for strip in chain:
            room = _place(strip, pages, room)
    return pages


def _chains(strips: list[Strip]) -> Iterator[list[Strip]]:
    """The strips in runs that stay on one page. What is kept together and exceeds a page is parted, late."""
    chain: list[Strip] = []
    for strip in strips:
        if chain and (not chain[-1].keep or _height([*chain, strip]) > BODY_HEIGHT - _head_height(chain[0])):
            yield chain
            chain = []
        chain.append(strip)
    if chain:
        yield chain


def _height(chain: list[Strip]) -> float:
    """What a chain needs. A strip taller than a page needs room for its beginning, and goes on overleaf."""
    return sum(strip.space + _least_height(strip) for strip in chain)


def _least_height(strip: Strip) -> float:
    return strip.height if strip.height <= BODY_HEIGHT - _head_height(strip) else BEGINNING


def _place(strip: Strip, pages: list[Page], room: float) -> float:
    """Put one strip on the last page, or on new ones; the room that is left."""
    tallest = BODY_HEIGHT - _head_height(strip)
    pieces = [strip] if strip.height <= tallest else _cut(strip, room - strip.space if pages[-1] else tallest, tallest)
    for piece in pieces:
        space = piece.space if pages[-1] else 0
        if pages[-1] and space + piece.height > room:
            pages.append([])
            room, space = BODY_HEIGHT, 0
        if piece.head and not pages[-1]:
            pages[-1].append(Placed(TOP, piece.head))
            room -= piece.head.height
        room -= space
        pages[-1].append(Placed(BOTTOM + room, piece))
        room -= piece.height
    return room


def _head_height(strip: Strip) -> float:
    return strip.head.height if strip.head else 0


def _cut(strip: Strip, first: float, height: float) -> list[Strip]:
    """A strip taller than a page as several, parted between baselines: one no taller than `first`, then of `height`."""
    ascent, descent = 10.0, 6.0
    pieces: list[Strip] = []
    texts, start, room = strip.texts, 0.0, first
    while texts:
        here = [text for text in texts if text.down + descent <= start + room]
        texts = [text for text in texts if text.down + descent > start + room]
        end = min((text.down for text in texts), default=strip.height + ascent) - ascent
        moved = [text._replace(down=text.down - start) for text in here]
        boxes = [box._replace(down=box.down - start) for box in strip.boxes if start <= box.down < end]
        boxes = [box._replace(height=min(box.height, end - start - box.down)) for box in boxes]
        piece = replace(strip, height=min(end - start, room), texts=moved, boxes=boxes)
        pieces.append(replace(piece, space=0, bookmark="") if pieces else piece)
        start, room = end, height
    return pieces


Alignment = Literal["left", "right"]


class Column(NamedTuple):
    """A column of a table, in points from the left edge of the page."""

    x: float
    width: float
    align: Alignment = "left"

    @property
    def end(self) -> float:
        return self.x + self.width

    def add(self, strip: Strip, down: float, text: str, style: Style) -> None:
        """Put one line of text into the column."""
        if self.align == "right":
            strip.right(self.end, down, text, style)
        else:
            strip.texts.append(Text(self.x, down, text, style))


def reading_order(page: Page) -> Iterator[tuple[float, Text]]:
    """The page's texts as (upper edge of the strip, text), columns one after the other."""
    for columns, placed in groupby(page, key=lambda each: each.strip.columns):
        texts = [(top, text) for top, strip in placed for text in strip.texts]
        if columns is None:
            yield from texts
        else:
            yield from sorted(texts, key=lambda each: each[1].x >= columns[1])
