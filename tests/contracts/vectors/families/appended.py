"""A sealed contract, whole, with something behind it."""

from io import BytesIO

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
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner

from tests.contracts.vectors import keys
from tests.contracts.vectors.changing import updated
from tests.contracts.vectors.forging import dictionary, with_validation_data
from tests.contracts.vectors.kit import Kit
from tests.contracts.vectors.vector import vector


@vector(
    "One newline, as mail programs add.",
    findings="appended",
    of="order",
    status="official",
    pyhanko="valid ENTIRE_REVISION",
    pdfsig="valid partial",
    because=(
        "The signature holds for the part before; what is behind it nobody sealed, and the file is not the "
        "one that is registered."
    ),
)
def newline(kit: Kit) -> bytes:
    return kit["order"].sealed + b"\n"


@vector(
    "Some kilobytes of junk.",
    findings="appended",
    of="order",
    status="official",
    pyhanko="unreadable",
    pdfsig="valid partial",
    because=(
        "The signature holds for the part before; what is behind it nobody sealed, and the file is not the "
        "one that is registered."
    ),
)
def junk(kit: Kit) -> bytes:
    return kit["order"].sealed + b"junk after the end\n" * 200


@vector(
    "A second end of file.",
    findings="appended",
    of="order",
    status="official",
    pyhanko="unreadable",
    pdfsig="valid partial",
    because=(
        "The signature holds for the part before; what is behind it nobody sealed, and the file is not the "
        "one that is registered."
    ),
)
def another_end(kit: Kit) -> bytes:
    return kit["order"].sealed + b"%%EOF\n"


@vector(
    "A ZIP archive.",
    findings="appended",
    of="order",
    status="official",
    pyhanko="valid ENTIRE_REVISION",
    pdfsig="valid partial",
    because=(
        "The signature holds for the part before; what is behind it nobody sealed, and the file is not the "
        "one that is registered."
    ),
)
def archive(kit: Kit) -> bytes:
    return kit["order"].sealed + b"PK\x05\x06" + bytes(18)


@vector(
    "A whole other contract of ours.",
    findings="appended",
    of="order",
    status="official",
    pyhanko="unreadable",
    pdfsig="digest mismatch partial",
)
def another_contract_behind(kit: Kit) -> bytes:
    return kit["order"].sealed + kit["other"].sealed


@vector(
    "The same file once more.",
    findings="appended",
    of="order",
    status="official",
    pyhanko="valid ENTIRE_REVISION",
    pdfsig="valid partial",
    because=(
        "The signature holds for the part before; what is behind it nobody sealed, and the file is not the "
        "one that is registered."
    ),
)
def itself_once_more(kit: Kit) -> bytes:
    return kit["order"].sealed * 2


@vector(
    "An incremental update that changes nothing.",
    findings="appended",
    of="order",
    status="official",
    pyhanko="valid ENTIRE_REVISION",
    pdfsig="valid partial",
    because=(
        "The signature holds for the part before; what is behind it nobody sealed, and the file is not the "
        "one that is registered."
    ),
)
def empty_update(kit: Kit) -> bytes:
    return updated(kit["order"].sealed, lambda writer: writer.update_root())


@vector(
    "An incremental update with another title.",
    findings="appended",
    of="order",
    status="official",
    pyhanko="valid ENTIRE_REVISION",
    pdfsig="valid partial",
    because=(
        "The signature holds for the part before; what is behind it nobody sealed, and the file is not the "
        "one that is registered."
    ),
)
def other_title(kit: Kit) -> bytes:
    def retitle(writer: IncrementalPdfFileWriter) -> None:
        info = writer.trailer["/Info"]
        info[pdf_name("/Title")] = TextStringObject("A better contract")
        writer.update_container(info)

    return updated(kit["order"].sealed, retitle)


@vector(
    "An incremental update with one more page.",
    findings="appended",
    of="order",
    status="official",
    pyhanko="invalid ENTIRE_REVISION",
    pdfsig="valid partial",
    because="pdfsig judges the signed part alone; a reader shows a page that nobody sealed.",
)
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


@vector(
    "A text field added over the first page.",
    findings="appended",
    of="order",
    status="official",
    pyhanko="invalid ENTIRE_REVISION",
    pdfsig="valid partial",
    because="pdfsig judges the signed part alone; a reader shows a field with a figure that nobody sealed.",
)
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


@vector(
    "An approval signature of the customer beside our seal.",
    findings="appended several_signatures",
    of="order",
    status="official",
    pyhanko="invalid ENTIRE_REVISION; invalid ENTIRE_FILE",
    pdfsig="valid partial; valid total",
    because="pdfsig finds two valid signatures and does not ask that our seal allows no second one.",
)
def customers_signature(kit: Kit) -> bytes:
    return _signed_again(kit["order"].sealed, keys.self_signed(kit.ours.seal).signer)


@vector(
    "A second signature with our own key.",
    findings="appended several_signatures",
    of="order",
    status="official",
    pyhanko="invalid ENTIRE_REVISION; valid ENTIRE_FILE",
    pdfsig="valid partial; valid total",
    because=(
        "Our key on it twice does not help: our seal allows no second signature, and the file is not the one "
        "that is registered."
    ),
)
def signed_twice_by_us(kit: Kit) -> bytes:
    return _signed_again(kit["order"].sealed, kit.ours.seal.signer)


def _signed_again(content: bytes, signer: SimpleSigner) -> bytes:
    output = BytesIO(content)
    writer = IncrementalPdfFileWriter(output)
    _SignsWhatAllowsNoChanges(
        PdfSignatureMetadata(field_name="Approval", md_algorithm="sha256"),
        signer,
        new_field_spec=SigFieldSpec("Approval", on_page=0, box=(60, 60, 160, 100)),
    ).sign_pdf(writer, in_place=True)
    return output.getvalue()


class _SignsWhatAllowsNoChanges(PdfSigner):
    def _enforce_certification_constraints(self, reader: PdfFileReader) -> None:
        """pyHanko would refuse; others do not."""


@vector(
    "Validation data (DSS) that others may add: harmless, and still not the file that we registered.",
    findings="appended",
    of="order",
    status="official",
    pyhanko="valid ENTIRE_REVISION",
    pdfsig="valid partial",
    because=(
        "The signature holds for the part before; what is behind it nobody sealed, and the file is not the "
        "one that is registered."
    ),
)
def strangers_validation_data(kit: Kit) -> bytes:
    return with_validation_data(kit["order"].sealed, kit.ours.pinned[0])
