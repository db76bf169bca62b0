"""Contracts that were never sealed, with and without the look of a seal."""

from io import BytesIO

from pyhanko.pdf_utils.generic import ArrayObject, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from contracts.sealing.pages import add_seal_art
from tests.contracts.vectors.archive_timestamp import with_archive_timestamp
from tests.contracts.vectors.changing import updated
from tests.contracts.vectors.forging import add_picture, seal_as
from tests.contracts.vectors.kit import Kit
from tests.contracts.vectors.vector import vector


@vector(
    "A draft, as downloaded.",
    findings="draft",
    of="unsealed",
    status="draft",
    pyhanko="no signature",
    pdfsig="no signature",
)
def draft(kit: Kit) -> bytes:
    return kit["unsealed"].draft


@vector(
    "A draft with a recipient's archive timestamp.",
    findings="not_ours",
    pyhanko="no signature",
    pdfsig="not verified total",
)
def stamped_draft(kit: Kit) -> bytes:
    return with_archive_timestamp(kit, kit["unsealed"].draft)


@vector(
    "The draft of an official contract.",
    findings="draft",
    of="order",
    status="official",
    pyhanko="no signature",
    pdfsig="no signature",
)
def draft_of_an_official_contract(kit: Kit) -> bytes:
    return kit["order"].draft


@vector(
    "The draft of a voided contract.",
    findings="draft voided",
    of="voided",
    status="voided",
    pyhanko="no signature",
    pdfsig="no signature",
)
def draft_of_a_voided_contract(kit: Kit) -> bytes:
    return kit["voided"].draft


@vector(
    "A draft without its marks.",
    findings="no_seal",
    pyhanko="no signature",
    pdfsig="no signature",
)
def draft_without_its_marks(kit: Kit) -> bytes:
    def clear(writer: IncrementalPdfFileWriter) -> None:
        page = writer.find_page_for_modification(0)[0].get_object()
        page[pdf_name("/Annots")] = ArrayObject()

    return updated(kit["unsealed"].draft, clear)


@vector(
    "A draft with a picture of the seal.",
    findings="no_seal",
    pyhanko="no signature",
    pdfsig="no signature",
)
def draft_with_a_pasted_seal(kit: Kit) -> bytes:
    def paste(writer: IncrementalPdfFileWriter) -> None:
        page = writer.find_page_for_modification(0)[0].get_object()
        art = add_seal_art(writer, issuer_name=kit.issuer_name, number=kit["unsealed"].number, note="")
        add_picture(writer, page, art, (430, 60, 549, 179))
        writer.update_container(page["/Annots"])

    return updated(kit["unsealed"].draft, paste)


@vector(
    "A draft made to look official, without a signature.",
    findings="no_seal",
    pyhanko="no signature",
    pdfsig="no signature",
)
def visible_seal_alone(kit: Kit) -> bytes:
    kept = kit["unsealed"]
    return seal_as(kept.draft, None, number=kept.number, issuer_name=kit.issuer_name)


@vector(
    "A forged page with our number and code.",
    findings="no_seal",
    pyhanko="no signature",
    pdfsig="no signature",
)
def our_number_and_code_printed(kit: Kit) -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    from contracts.pdf import fonts

    contract, output = kit["order"].contract, BytesIO()
    font = fonts.get_font(fonts.REGULAR).fontName
    canvas = Canvas(output, initialFontName=font, invariant=1)
    canvas.setFont(font, 12)
    canvas.drawString(60, 700, f"Order contract {contract.number}, official, 9,999,999.00 CNY")
    canvas.drawString(60, 680, f"Verification code {contract.verification_code}")
    canvas.save()
    return output.getvalue()
