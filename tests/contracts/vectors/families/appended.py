"""A sealed contract, whole, with something behind it."""

from functools import partial

from pyhanko.pdf_utils.generic import (
    ArrayObject,
    BooleanObject,
    IndirectObject,
    NumberObject,
    StreamObject,
    TextStringObject,
    pdf_name,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.metadata.model import DocumentMetadata

from tests.contracts.vectors import keys
from tests.contracts.vectors.archive_timestamp import with_archive_timestamp
from tests.contracts.vectors.changing import updated
from tests.contracts.vectors.forging import dictionary, signed_again, with_validation_data
from tests.contracts.vectors.kit import Kit
from tests.contracts.vectors.reasons import ADDED, HARMLESS, SIGNED_PART
from tests.contracts.vectors.vector import vector

behind = partial(
    vector,
    findings="appended",
    of="order",
    status="official",
    pyhanko="valid ENTIRE_REVISION",
    pdfsig="valid partial",
    because=ADDED,
)


@behind("A newline, as mail programs add.")
def newline(kit: Kit) -> bytes:
    return kit["order"].sealed + b"\n"


@behind("Kilobytes of junk.", pyhanko="unreadable")
def junk(kit: Kit) -> bytes:
    return kit["order"].sealed + b"junk after the end\n" * 200


@behind("A second end of file.", pyhanko="unreadable")
def another_end(kit: Kit) -> bytes:
    return kit["order"].sealed + b"%%EOF\n"


@behind("A ZIP archive.")
def archive(kit: Kit) -> bytes:
    return kit["order"].sealed + b"PK\x05\x06" + bytes(18)


@behind("Another contract of ours.", pyhanko="unreadable", pdfsig="unreadable", because="")
def another_contract_behind(kit: Kit) -> bytes:
    return kit["order"].sealed + kit["other"].sealed


@behind("The same file again.")
def itself_once_more(kit: Kit) -> bytes:
    return kit["order"].sealed * 2


@behind("An update that changes nothing.", findings="added_later", because=HARMLESS)
def empty_update(kit: Kit) -> bytes:
    return updated(kit["order"].sealed, lambda writer: writer.update_root())


@behind("An update with another title.")
def other_title(kit: Kit) -> bytes:
    def retitle(writer: IncrementalPdfFileWriter) -> None:
        info = writer.trailer["/Info"]
        info[pdf_name("/Title")] = TextStringObject("A better contract")
        writer.update_container(info)

    return updated(kit["order"].sealed, retitle)


@behind("An update with another title in XMP.", because="Readers show a title that is not part of the sealed document.")
def other_title_in_xmp(kit: Kit) -> bytes:
    def retitle(writer: IncrementalPdfFileWriter) -> None:
        writer.root["/Metadata"].update_xmp_with_meta(DocumentMetadata(title="A better contract"))
        writer.update_container(writer.root["/Metadata"])

    return updated(kit["order"].sealed, retitle)


@behind("An update with one more page.", pyhanko="invalid ENTIRE_REVISION", because=SIGNED_PART)
def one_more_page(kit: Kit) -> bytes:
    def add(writer: IncrementalPdfFileWriter) -> None:
        content = writer.add_object(StreamObject(stream_data=b"0 0 1 rg 100 100 200 200 re f"))
        page = {
            "Type": pdf_name("/Page"),
            "Contents": content,
            "MediaBox": ArrayObject(map(NumberObject, (0, 0, 595, 842))),
        }
        _insert(writer, writer.add_object(dictionary(page | {"Resources": dictionary({})})))

    return updated(kit["order"].sealed, add)


def _insert(writer: IncrementalPdfFileWriter, page: IndirectObject) -> None:
    pages = writer.root["/Pages"]
    page.get_object()[pdf_name("/Parent")] = writer.root.raw_get("/Pages")
    pages["/Kids"].append(page)
    pages[pdf_name("/Count")] = NumberObject(len(pages["/Kids"]))
    writer.update_container(pages)


@behind("A text field over the first page.", pyhanko="invalid ENTIRE_REVISION", because=SIGNED_PART)
def form_field(kit: Kit) -> bytes:
    def add(writer: IncrementalPdfFileWriter) -> None:
        field = {
            "Type": pdf_name("/Annot"),
            "Subtype": pdf_name("/Widget"),
            "FT": pdf_name("/Tx"),
            "T": TextStringObject("amount"),
            "V": TextStringObject("9,999,999.00"),
            "DA": TextStringObject("/Helv 12 Tf 0 g"),
            "F": NumberObject(4),
            "Rect": ArrayObject(map(NumberObject, (100, 500, 300, 530))),
        }
        reference = writer.add_object(dictionary(field))
        page = writer.find_page_for_modification(0)[0].get_object()
        page["/Annots"].append(reference)
        form = writer.root["/AcroForm"]
        form["/Fields"].append(reference)
        form[pdf_name("/NeedAppearances")] = BooleanObject(True)
        for changed in (page["/Annots"], form["/Fields"], form):
            writer.update_container(changed)

    return updated(kit["order"].sealed, add)


@behind(
    "The customer's approval signature.",
    findings="appended several_signatures",
    pyhanko="invalid ENTIRE_REVISION; invalid ENTIRE_FILE",
    pdfsig="valid partial; valid total",
    because="Our seal allows no second signature.",
)
def customers_signature(kit: Kit) -> bytes:
    return signed_again(kit["order"].sealed, keys.self_signed(kit.ours.seal).signer)


@behind(
    "A second signature by our key.",
    findings="appended several_signatures",
    pyhanko="invalid ENTIRE_REVISION; valid ENTIRE_FILE",
    pdfsig="valid partial; valid total",
    because="Our seal allows no second signature.",
)
def signed_twice_by_us(kit: Kit) -> bytes:
    return signed_again(kit["order"].sealed, kit.ours.seal.signer)


@behind("Validation data (DSS), which others may add: harmless.", findings="added_later", because=HARMLESS)
def strangers_validation_data(kit: Kit) -> bytes:
    return with_validation_data(kit["order"].sealed, kit.ours.pinned[0])


@behind(
    "A recipient's archive timestamp (PAdES B-LTA).",
    findings="added_later",
    pdfsig="valid partial; not verified total",
    because=HARMLESS,
)
def archive_timestamp(kit: Kit) -> bytes:
    return with_archive_timestamp(kit, kit["order"].sealed)


@behind(
    "Validation data and an archive timestamp.",
    findings="added_later",
    pdfsig="valid partial; not verified total",
    because=HARMLESS,
)
def validation_data_and_archive_timestamp(kit: Kit) -> bytes:
    return with_archive_timestamp(kit, with_validation_data(kit["order"].sealed, kit.ours.pinned[0]))


@behind(
    "An archive timestamp over the figures.",
    pyhanko="invalid ENTIRE_REVISION",
    pdfsig="valid partial; not verified total",
    because="",
)
def visible_archive_timestamp(kit: Kit) -> bytes:
    return with_archive_timestamp(kit, kit["order"].sealed, box=(50, 400, 550, 600))


@behind(
    "A note, and an archive timestamp over it.",
    pyhanko="invalid ENTIRE_REVISION",
    pdfsig="valid partial; not verified total",
    because="",
)
def note_and_archive_timestamp(kit: Kit) -> bytes:
    return with_archive_timestamp(kit, form_field(kit))
