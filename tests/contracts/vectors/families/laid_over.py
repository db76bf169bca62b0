"""A sealed contract that shows something else: its content is covered, exchanged or hidden by an incremental update."""

from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NumberObject,
    StreamObject,
    TextStringObject,
    pdf_name,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from common.money import format_figure
from tests.contracts.vectors.changing import place_of_text, updated
from tests.contracts.vectors.forging import add_picture, dictionary
from tests.contracts.vectors.kit import Kit
from tests.contracts.vectors.reasons import SIGNED_PART
from tests.contracts.vectors.vector import vector


def _figure(kit: Kit) -> tuple[int, tuple[float, float, float, float]]:
    """Where the total stands: the page and its box."""
    contract = kit["order"].contract
    return place_of_text(kit["order"].sealed, format_figure(contract.total_amount, contract.currency))


@vector(
    "A white box and another total in the page's content.",
    findings="appended",
    of="order",
    status="official",
    pyhanko="invalid ENTIRE_REVISION",
    pdfsig="valid partial",
    because=SIGNED_PART,
)
def white_box_in_the_content(kit: Kit) -> bytes:
    index, (left, bottom, right, top) = _figure(kit)
    box = f"q 1 1 1 rg {left:.1f} {bottom:.1f} {right - left:.1f} {top - bottom:.1f} re f Q".encode()
    return updated(kit["order"].sealed, lambda writer: RawContent(box).add_to_page(writer, index))


@vector(
    "A white annotation over the total.",
    findings="appended",
    of="order",
    status="official",
    pyhanko="invalid ENTIRE_REVISION",
    pdfsig="valid partial",
    because=SIGNED_PART,
)
def white_box_as_an_annotation(kit: Kit) -> bytes:
    index, box = _figure(kit)

    def cover(writer: IncrementalPdfFileWriter) -> None:
        white = ArrayObject(map(NumberObject, (1, 1, 1)))
        _annotate(writer, index, box, {"Subtype": pdf_name("/Square"), "IC": white, "C": white})

    return updated(kit["order"].sealed, cover)


@vector(
    "A text annotation with another total.",
    findings="appended",
    of="order",
    status="official",
    pyhanko="invalid ENTIRE_REVISION",
    pdfsig="valid partial",
    because=SIGNED_PART,
)
def another_figure_as_an_annotation(kit: Kit) -> bytes:
    index, box = _figure(kit)

    def write(writer: IncrementalPdfFileWriter) -> None:
        text = {"Contents": TextStringObject("1.00"), "DA": TextStringObject("/Helv 9 Tf 0 g")}
        _annotate(writer, index, box, {"Subtype": pdf_name("/FreeText"), **text})

    return updated(kit["order"].sealed, write)


def _annotate(writer: IncrementalPdfFileWriter, index: int, box: tuple[float, ...], entries: dict[str, object]) -> None:
    page = writer.find_page_for_modification(index)[0].get_object()
    common = {"Type": pdf_name("/Annot"), "F": NumberObject(4), "Rect": ArrayObject(map(FloatObject, box))}
    page["/Annots"].append(writer.add_object(dictionary(common | entries)))
    writer.update_container(page["/Annots"])


@vector(
    "A second picture of our seal.",
    findings="appended",
    of="request",
    status="official",
    pyhanko="invalid ENTIRE_REVISION",
    pdfsig="valid partial",
    because=SIGNED_PART,
)
def another_seal_picture(kit: Kit) -> bytes:
    def paste(writer: IncrementalPdfFileWriter) -> None:
        page = writer.find_page_for_modification(0)[0].get_object()
        art = page["/Annots"][0]["/AP"]["/N"]["/Resources"]["/XObject"].raw_get("/Seal")
        add_picture(writer, page, art, (200, 300, 319, 419))
        writer.update_container(page["/Annots"])

    return updated(kit["request"].sealed, paste)


@vector(
    "The page's content replaced (shadow attack: replace).",
    findings="appended",
    of="order",
    status="official",
    pyhanko="invalid ENTIRE_REVISION",
    pdfsig="valid partial",
    because=SIGNED_PART,
)
def content_replaced(kit: Kit) -> bytes:
    def replace(writer: IncrementalPdfFileWriter) -> None:
        page = writer.find_page_for_modification(0)[0].get_object()
        stream = page["/Contents"]
        writer.objects[(0, page.raw_get("/Contents").idnum)] = StreamObject(
            stream_data=stream.data.replace(b"1", b"2", 3)
        )

    return updated(kit["order"].sealed, replace)


@vector(
    "Digits of a font exchanged (shadow attack: replace).",
    findings="appended",
    of="order",
    status="official",
    pyhanko="invalid ENTIRE_REVISION",
    pdfsig="valid partial",
    because=SIGNED_PART,
)
def font_replaced(kit: Kit) -> bytes:
    def replace(writer: IncrementalPdfFileWriter) -> None:
        fonts = writer.find_page_for_modification(0)[0].get_object()["/Resources"]["/Font"]
        font = next(fonts[name] for name in fonts if "/Widths" in fonts[name])
        font["/Widths"].reverse()
        writer.update_container(font["/Widths"])

    return updated(kit["order"].sealed, replace)


@vector(
    "Another page tree (shadow attack: hide and replace).",
    findings="appended",
    of="request",
    status="official",
    pyhanko="invalid ENTIRE_REVISION",
    pdfsig="valid partial",
    because=SIGNED_PART,
)
def pages_hidden(kit: Kit) -> bytes:
    def replace(writer: IncrementalPdfFileWriter) -> None:
        old = writer.root["/Pages"]
        tree = {"Type": pdf_name("/Pages"), "Kids": ArrayObject([old["/Kids"].raw_get(0)]), "Count": NumberObject(1)}
        writer.root[pdf_name("/Pages")] = writer.add_object(dictionary(tree))
        writer.update_root()

    return updated(kit["request"].sealed, replace)


@vector(
    "The seal stretched over the page (shadow attack: hide).",
    findings="appended",
    of="order",
    status="official",
    pyhanko="invalid ENTIRE_REVISION",
    pdfsig="valid partial",
    because=SIGNED_PART,
)
def seal_stretched(kit: Kit) -> bytes:
    def stretch(writer: IncrementalPdfFileWriter) -> None:
        field: DictionaryObject = writer.root["/AcroForm"]["/Fields"][0]
        field[pdf_name("/Rect")] = ArrayObject(map(NumberObject, (0, 0, 595, 842)))
        writer.update_container(field)

    return updated(kit["order"].sealed, stretch)


@vector(
    "Two pages swapped.",
    findings="appended",
    of="request",
    status="official",
    pyhanko="invalid ENTIRE_REVISION",
    pdfsig="valid partial",
    because=SIGNED_PART,
)
def pages_swapped(kit: Kit) -> bytes:
    def swap(writer: IncrementalPdfFileWriter) -> None:
        kids = writer.root["/Pages"]["/Kids"]
        kids[0], kids[1] = kids.raw_get(1), kids.raw_get(0)
        writer.update_container(kids)

    return updated(kit["request"].sealed, swap)


@vector(
    "A page deleted.",
    findings="appended",
    of="request",
    status="official",
    pyhanko="invalid ENTIRE_REVISION",
    pdfsig="valid partial",
    because=SIGNED_PART,
)
def page_deleted(kit: Kit) -> bytes:
    def delete(writer: IncrementalPdfFileWriter) -> None:
        pages = writer.root["/Pages"]
        del pages["/Kids"][1]
        pages[pdf_name("/Count")] = NumberObject(len(pages["/Kids"]))
        writer.update_container(pages)

    return updated(kit["request"].sealed, delete)
