"""What sealing changes on the pages: the draft's marks go, the seal and the straddle seal (骑缝章) come.

Everything here is annotations, in the one incremental update that is then signed. Page content is never touched: the
official contract's content is the draft's content (R3).
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    StreamObject,
    TextStringObject,
    pdf_name,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.stamp import BaseStamp, BaseStampStyle

from contracts.pdf.draft_mark import DRAFT_MARK, SEAL_PLACE
from contracts.sealing.art import SIZE, number_art, seal_art

PAGES_PER_STRADDLE_SEAL = 10
WIDEST_SLICE = 14 * 72 / 25.4
"""14 mm: a slice stays within the page's margin and covers no figures."""
_PRINT, _READ_ONLY, _LOCKED, _LOCKED_CONTENTS = 4, 64, 128, 512

Box = tuple[float, float, float, float]
"""Left, bottom, right, top in points."""


class NoSealPlaceError(ValueError):
    """The document has no seal-place annotation: it is not a draft of ours, or it is sealed already."""


@dataclass(frozen=True)
class SealStyle(BaseStampStyle):
    """Gives the signature field a form XObject that is already in the file, instead of drawing one."""

    art: IndirectObject | None = None

    def create_stamp(self, writer: BasePdfFileWriter, box: BoxConstraints, text_params: dict[str, Any]) -> BaseStamp:
        return _Stamp(writer, self, box)


class _Stamp(BaseStamp):
    def register(self) -> IndirectObject:
        """Return the reference of the form XObject."""
        return self.style.art


def clear_draft_marks(writer: IncrementalPdfFileWriter) -> tuple[list[DictionaryObject], int, Box]:
    """Drop the draft's own annotations from every page.

    Returns the pages, the index of the page that the seal goes on, and the seal's box there. Raises NoSealPlaceError.
    """
    pages = list(_pages(writer.root["/Pages"]))
    place: tuple[int, Box] | None = None
    for index, page in enumerate(pages):
        kept = ArrayObject()
        for reference in page.get("/Annots", ()):
            annotation = reference.get_object()
            name = str(annotation.get("/NM", ""))
            if name == SEAL_PLACE:
                left, bottom, right, top = (float(value) for value in annotation["/Rect"])
                place = index, (left, bottom, right, top)
            elif not name.startswith(DRAFT_MARK):
                kept.append(reference)
        page[pdf_name("/Annots")] = kept
        writer.update_container(page)
    if place is None:
        raise NoSealPlaceError
    return pages, *place


def add_seal_art(writer: IncrementalPdfFileWriter, *, issuer_name: str, number: str, note: str) -> IndirectObject:
    """Put the seal's picture into the file, once: the seal and every slice of the straddle seal share it."""
    content = b"/Ink gs " + seal_art(issuer_name, note) + b"\n" + number_art(number)
    # Multiply, as ink does: print under the seal stays readable. The state must be in the form's own resources.
    ink = _dictionary({"/BM": pdf_name("/Multiply")})
    resources = _dictionary({"/ExtGState": _dictionary({"/Ink": ink})})
    return writer.add_object(_form((0, 0, SIZE, SIZE), content, resources))


def add_straddle_seal(writer: IncrementalPdfFileWriter, pages: list[DictionaryObject], art: IndirectObject) -> None:
    """Lay slices of the seal along the pages' right edges, so that the fanned pages show it whole.

    Up to ten pages share one seal; more pages repeat it, in groups as equal as can be, so that slices stay visible.
    A single page has no straddle seal.
    """
    if len(pages) < 2:
        return
    for first, count in _groups(len(pages)):
        for index in range(count):
            _add_slice(writer, pages[first + index], art, (index, count), name=f"straddle-seal-{first + index + 1}")


def _add_slice(
    writer: IncrementalPdfFileWriter, page: DictionaryObject, art: IndirectObject, part: tuple[int, int], *, name: str
) -> None:
    """Add slice `part` = (index, of how many) to a page. The form's box cuts the slice out of the whole seal."""
    index, count = part
    width = SIZE / count
    scale = min(1.0, WIDEST_SLICE / width)
    resources = _dictionary({"/XObject": _dictionary({"/Seal": art})})
    form = _form((index * width, 0, (index + 1) * width, SIZE), b"/Seal Do", resources)
    _, bottom, right, top = _media_box(page)
    middle = (bottom + top) / 2
    half = SIZE * scale / 2
    annotation = _dictionary(
        {
            "/Type": pdf_name("/Annot"),
            "/Subtype": pdf_name("/Stamp"),
            "/NM": TextStringObject(name),
            "/Contents": TextStringObject("Straddle seal 骑缝章"),
            "/F": _number(_PRINT | _READ_ONLY | _LOCKED | _LOCKED_CONTENTS),
            "/Rect": _array((right - width * scale, middle - half, right, middle + half)),
            "/AP": _dictionary({"/N": writer.add_object(form)}),
        }
    )
    page["/Annots"].append(writer.add_object(annotation))


def _groups(pages: int) -> Iterator[tuple[int, int]]:
    """Split `pages` into runs of at most ten, equal within one: (index of the first, how many)."""
    groups = -(-pages // PAGES_PER_STRADDLE_SEAL)
    for group in range(groups):
        first = group * pages // groups
        yield first, (group + 1) * pages // groups - first


def _form(box: Box, content: bytes, resources: DictionaryObject) -> StreamObject:
    entries = {
        "/Type": pdf_name("/XObject"),
        "/Subtype": pdf_name("/Form"),
        "/BBox": _array(box),
        "/Resources": resources,
        "/Filter": pdf_name("/FlateDecode"),
    }
    return StreamObject(_dictionary(entries), encoded_data=zlib.compress(content))


def _dictionary(entries: dict[str, Any]) -> DictionaryObject:
    return DictionaryObject({pdf_name(key): value for key, value in entries.items()})  # type: ignore[no-untyped-call]


def _array(values: Box) -> ArrayObject:
    return ArrayObject(_number(value) for value in values)


def _number(value: float) -> FloatObject:
    """Whole numbers are written without a point."""
    return FloatObject(f"{value:.3f}".rstrip("0").rstrip("."))  # type: ignore[no-untyped-call]


def _pages(node: DictionaryObject) -> Iterator[DictionaryObject]:
    """Walk the page tree in order (ISO 32000-2, 7.7.3)."""
    for reference in node["/Kids"]:
        kid = reference.get_object()
        if kid.get("/Type") == "/Pages":
            yield from _pages(kid)
        else:
            yield kid


def _media_box(page: DictionaryObject) -> Box:
    node = page
    while "/MediaBox" not in node:
        node = node["/Parent"]
    left, bottom, right, top = (float(value) for value in node["/MediaBox"])
    return left, bottom, right, top
