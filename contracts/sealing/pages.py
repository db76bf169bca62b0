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
    IndirectObject,
    StreamObject,
    TextStringObject,
    pdf_name,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field
from pyhanko.stamp import BaseStamp, BaseStampStyle

from contracts.pdf.draft_mark import DRAFT_MARK, SEAL_PLACE
from contracts.sealing.art import SIZE, number_art, seal_art
from contracts.sealing.objects import make_array, make_dictionary, make_number
from contracts.sealing.structure import Structure

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


@dataclass(frozen=True)
class SealPlace:
    """Where the seal goes."""

    page: int
    """Index of the page."""
    box: Box
    annotation: DictionaryObject
    """The draft's annotation that was there."""


def clear_draft_marks(
    writer: IncrementalPdfFileWriter, structure: Structure
) -> tuple[list[DictionaryObject], SealPlace]:
    """Drop the draft's own annotations from every page, and its DRAFT marks from the structure.

    Returns the pages and the seal's place. Raises NoSealPlaceError.
    """
    pages = list(_pages(writer.root["/Pages"]))
    place: SealPlace | None = None
    for index, page in enumerate(pages):
        kept = ArrayObject()
        for reference in page.get("/Annots", ()):
            annotation = reference.get_object()
            name = str(annotation.get("/NM", ""))
            if name == SEAL_PLACE:
                left, bottom, right, top = (float(value) for value in annotation["/Rect"])
                place = SealPlace(index, (left, bottom, right, top), annotation)
            elif name.startswith(DRAFT_MARK):
                structure.remove(annotation)
            else:
                kept.append(reference)
        page[pdf_name("/Annots")] = kept
        writer.update_container(page)
    if place is None:
        raise NoSealPlaceError
    return pages, place


def add_seal_field(
    writer: IncrementalPdfFileWriter, spec: SigFieldSpec, place: SealPlace, structure: Structure, *, issuer_name: str
) -> None:
    """Add the signature's field on the seal's place, and put it into the structure instead of that place.

    This comes before the signature, which permits no changes.
    """
    append_signature_field(writer, spec)
    field = writer.root["/AcroForm"]["/Fields"].raw_get(-1)
    structure.replace(place.annotation, field, issuer=issuer_name)


def add_seal_art(
    writer: IncrementalPdfFileWriter, *, issuer_name: str, number: str, note: str, time: bytes = b""
) -> IndirectObject:
    """Put the seal's picture into the file, once: the seal and every slice of the straddle seal share it.

    `time`: the drawing of time_art.
    """
    content = b"/Ink gs " + seal_art(issuer_name, note) + b"\n" + number_art(number) + b"\n" + time
    # Multiply, as ink does: print under the seal stays readable. The state must be in the form's own resources.
    ink = make_dictionary({"/BM": pdf_name("/Multiply")})
    resources = make_dictionary({"/ExtGState": make_dictionary({"/Ink": ink})})
    return writer.add_object(_form((0, 0, SIZE, SIZE), content, resources))


def add_straddle_seal(
    writer: IncrementalPdfFileWriter, pages: list[DictionaryObject], art: IndirectObject, structure: Structure
) -> None:
    """Lay slices of the seal along the pages' right edges, so that the fanned pages show it whole.

    Up to ten pages share one seal; more pages repeat it, in groups as equal as can be, so that slices stay visible.
    A single page has no straddle seal.
    """
    if len(pages) < 2:
        return
    for first, count in _groups(len(pages)):
        for index in range(count):
            page = pages[first + index]
            added = _add_slice(writer, page, art, (index, count), name=f"straddle-seal-{first + index + 1}")
            structure.append(added, page, part=index + 1, parts=count)


def _add_slice(
    writer: IncrementalPdfFileWriter, page: DictionaryObject, art: IndirectObject, part: tuple[int, int], *, name: str
) -> IndirectObject:
    """Add slice `part` = (index, of how many) to a page. The form's box cuts the slice out of the whole seal.

    Return the annotation.
    """
    index, count = part
    width = SIZE / count
    scale = min(1.0, WIDEST_SLICE / width)
    resources = make_dictionary({"/XObject": make_dictionary({"/Seal": art})})
    form = _form((index * width, 0, (index + 1) * width, SIZE), b"/Seal Do", resources)
    _, bottom, right, top = _media_box(page)
    middle = (bottom + top) / 2
    half = SIZE * scale / 2
    annotation = make_dictionary(
        {
            "/Type": pdf_name("/Annot"),
            "/Subtype": pdf_name("/Stamp"),
            "/NM": TextStringObject(name),
            "/Contents": TextStringObject("Straddle seal 骑缝章"),
            "/F": make_number(_PRINT | _READ_ONLY | _LOCKED | _LOCKED_CONTENTS),
            "/Rect": make_array((right - width * scale, middle - half, right, middle + half)),
            "/AP": make_dictionary({"/N": writer.add_object(form)}),
        }
    )
    added = writer.add_object(annotation)
    page["/Annots"].append(added)
    return added


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
        "/BBox": make_array(box),
        "/Resources": resources,
        "/Filter": pdf_name("/FlateDecode"),
    }
    return StreamObject(make_dictionary(entries), encoded_data=zlib.compress(content))


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
