"""The document's structure: what each text is, for screen readers (PDF/UA-1, ISO 14289-1).

A tag is a structure element (ISO 32000-1, 14.8.4). Tags nest in the order in which they are read. Text without a tag
becomes a paragraph, so sections tag only what is something else.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contracts.pdf.layout import Column, Strip, Text


class Tag:
    """A structure element, or an artifact: print that belongs to no text, such as page numbers.

    `kind` is a standard structure type such as "H2". Elements hold either other elements or marked content.
    """

    __slots__ = ("alt", "attributes", "kids", "kind", "lang", "marks", "parent")

    def __init__(
        self, kind: str, parent: Tag | None = None, *, lang: str = "", alt: str = "", attributes: str = ""
    ) -> None:
        self.kind = kind
        self.parent = parent
        self.lang: str = lang or (parent.lang if parent else "")
        """Of its text, if it differs from the document's language."""
        self.alt = alt
        """Text for people who do not see a picture."""
        self.attributes = attributes
        """Attribute objects (ISO 32000-1, 14.7.5) in PDF syntax."""
        self.kids: list[Tag] = []
        self.marks: list[tuple[int, int]] = []
        """Its marked content: (index of the page, number on the page)."""
        if parent:
            parent.kids.append(self)

    def opening(self, number: int) -> str:
        """Return the operator that begins marked content, the `number`-th of its page."""
        return f"/{self.kind} <</MCID {number}>> BDC"

    def root(self) -> Tag:
        """Return the outermost element around this one."""
        tag = self
        while tag.parent:
            tag = tag.parent
        return tag

    @property
    def is_empty(self) -> bool:
        return not self.marks and all(kid.is_empty for kid in self.kids)


class Artifact(Tag):
    """Print that is not read out."""

    __slots__ = ()

    def opening(self, number: int) -> str:
        return f"/Artifact {self.attributes} BDC" if self.attributes else "/Artifact BMC"


DECORATION = Artifact("Artifact")
"""Rules and backgrounds."""
HEADER = Artifact("Artifact", attributes="<</Type/Pagination/Subtype/Header/Attached[/Top]>>")
FOOTER = Artifact("Artifact", attributes="<</Type/Pagination/Subtype/Footer/Attached[/Bottom]>>")
REPEATED = Artifact("Artifact", attributes="<</Type/Pagination>>")
"""A table's head on continued pages."""

COLUMN_HEAD = "<</O/Table/Scope/Column>>"
ROW_HEAD = "<</O/Table/Scope/Row>>"


def tag_pair(strip: Strip, pairs: Tag, first: int) -> None:
    """Tag the strip's texts from `first`, a label and the lines of its value, as an item of the list `pairs`."""
    item = Tag("LI", pairs)
    label, value = Tag("Lbl", item), Tag("LBody", item)
    strip.texts[first] = strip.texts[first]._replace(tag=label)
    strip.texts[first + 1 :] = [text._replace(tag=value) for text in strip.texts[first + 1 :]]


def tag_cells(strip: Strip, columns: Sequence[Column], row: Tag, kinds: Sequence[Tag | None]) -> None:
    """Sort the strip's texts by column and tag them as cells of `row`, with kind and attributes of `kinds`.

    None is a column that the cell before it spans. A column without text has an empty cell.
    """
    edges = [column.x - 4 for column in columns]  # a right-aligned text may begin in the gap before its column
    cells = [like and Tag(like.kind, row, attributes=like.attributes) for like in kinds]

    def column_of(text: Text) -> int:
        return max(bisect_right(edges, text.x) - 1, 0)

    texts = sorted(strip.texts, key=column_of)
    strip.texts = [text._replace(tag=cells[column_of(text)]) for text in texts]


def complete_tags(strips: Iterable[Strip]) -> list[Tag]:
    """Tag each strip's remaining texts as paragraphs. Return the outermost tags, in reading order."""
    roots: dict[Tag, None] = {}
    for strip in strips:
        paragraph: Tag | None = None
        texts = []
        for text in strip.texts:
            if text.tag:
                paragraph = None
                texts.append(text)
            else:
                paragraph = paragraph or Tag("P")
                texts.append(text._replace(tag=paragraph))
        strip.texts = texts
        roots.update((tag.root(), None) for tag in _tags_of(strip))
    return list(roots)


def _tags_of(strip: Strip) -> Iterator[Tag]:
    yield from (text.tag for text in strip.texts if text.tag and not isinstance(text.tag, Artifact))
    yield from (box.tag for box in strip.boxes if not isinstance(box.tag, Artifact))
    if strip.seal:
        yield strip.seal
