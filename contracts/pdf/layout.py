"""Page geometry, the strips of a document, and their distribution over pages.

A document is a list of strips. A strip is as wide as the page and has texts and boxes at fixed places. `paginate`
stacks the strips and begins a page where the next ones do not fit.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Literal, NamedTuple

from contracts.pdf import fonts
from contracts.pdf.tags import DECORATION, Tag

# The right margin leaves room for a straddle seal across the page edges.
PAGE_WIDTH, PAGE_HEIGHT = 595.28, 841.89
LEFT, RIGHT = 51.0, 544.28
WIDTH = RIGHT - LEFT
TOP, BOTTOM = 778.0, 60.0
"""Upper and lower limit of the strips, from the foot of the page."""
BODY_HEIGHT = TOP - BOTTOM
MIN_PIECE_HEIGHT = 120.0
"""Minimum room on a page for the first piece of a strip that is taller than a page."""
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
    """Font, size and colour of a text."""

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
    """Points added between characters, so that the line fills its column."""
    tag: Tag | None = None
    """What it is in the document's structure; None for a paragraph."""


class Box(NamedTuple):
    """A filled rectangle; rules are thin ones. `down` is its upper edge, from the top of its strip."""

    x: float
    down: float
    width: float
    height: float
    colour: Colour
    tag: Tag = DECORATION


@dataclass(slots=True)
class Strip:
    """A horizontal piece of the document. It is split only if it is taller than a page."""

    height: float
    texts: list[Text] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    space: float = 0
    """White space above the strip, unless it begins a page."""
    keep: bool = False
    """True: stays on the same page as the next strip."""
    head: "Strip | None" = None
    """Table head, repeated above the strip if it begins a page."""
    columns: tuple[int, float] | None = None
    """Adjoining strips with the same value form two columns, read one after the other: (number that identifies these
    strips, x of the second column)."""
    bookmark: str = ""
    """Title of the strip in the document's outline."""
    seal_at: tuple[float, float] | None = None
    """Upper left corner of the seal's place: x, and down from the top of the strip."""
    seal: Tag | None = None
    """The seal's place in the document's structure."""

    @contextmanager
    def tagged(self, tag: Tag) -> Iterator[None]:
        """Tag the texts that the block adds."""
        first = len(self.texts)
        yield
        self.texts[first:] = [text._replace(tag=tag) for text in self.texts[first:]]

    def add_right(self, edge: float, down: float, text: str, style: Style) -> None:
        """Add a right-aligned text that ends at `edge`."""
        self.texts.append(Text(edge - fonts.text_width(text, style.font, style.size), down, text, style))

    def add_lines(self, x: float, down: float, lines: list[str], style: Style, leading: float) -> None:
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
    """Distribute the strips over pages, in order. Strips with `keep` stay with the next unless they exceed a page."""
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
    """Yield runs of strips that stay on one page. A run that would exceed a page ends where the page is full."""
    chain: list[Strip] = []
    for strip in strips:
        if chain and (not chain[-1].keep or _height([*chain, strip]) > BODY_HEIGHT - _head_height(chain[0])):
            yield chain
            chain = []
        chain.append(strip)
    if chain:
        yield chain


def _height(chain: list[Strip]) -> float:
    """Return the room that a chain needs. A strip taller than a page needs room for its first piece only."""
    return sum(strip.space + _min_height(strip) for strip in chain)


def _min_height(strip: Strip) -> float:
    return strip.height if strip.height <= BODY_HEIGHT - _head_height(strip) else MIN_PIECE_HEIGHT


def _place(strip: Strip, pages: list[Page], room: float) -> float:
    """Put one strip on the last page or on new ones. Return the room left."""
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
    """Cut a strip taller than a page between baselines: the first piece at most `first` tall, the others `height`."""
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
    """A column of a table; `x` is its left edge on the page."""

    x: float
    width: float
    align: Alignment = "left"

    @property
    def end(self) -> float:
        return self.x + self.width

    def add_text(self, strip: Strip, down: float, text: str, style: Style) -> None:
        """Add one line of text to `strip`, in this column."""
        if self.align == "right":
            strip.add_right(self.end, down, text, style)
        else:
            strip.texts.append(Text(self.x, down, text, style))


def reading_order(page: Page) -> Iterator[tuple[float, Text]]:
    """Yield the page's texts as (upper edge of the strip, text), one column after the other."""
    for columns, placed in groupby(page, key=lambda each: each.strip.columns):
        texts = [(top, text) for top, strip in placed for text in strip.texts]
        if columns is None:
            yield from texts
        else:
            yield from sorted(texts, key=lambda each: each[1].x >= columns[1])
