"""Files that are no contracts, or that are made to hurt who reads them."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from tests.contracts.vectors.kit import Kit
from tests.contracts.vectors.vector import vector
from tests.contracts.verification.hostile import pdf, stream, zeros

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000 1f15c4890000000d49444154789c6360000002000001e221bc33"
    "0000000049454e44ae426082"
)


@vector(
    "An empty file.",
    findings="not_pdf",
    pyhanko="unreadable",
    pdfsig="unreadable",
)
def empty(kit: Kit) -> bytes:
    return b""


@vector(
    "A picture (PNG).",
    findings="not_pdf",
    pyhanko="unreadable",
    pdfsig="unreadable",
)
def picture(kit: Kit) -> bytes:
    return PNG


@vector(
    "A web page.",
    findings="not_pdf",
    pyhanko="unreadable",
    pdfsig="unreadable",
)
def web_page(kit: Kit) -> bytes:
    return f"<!doctype html><title>Contract {kit['order'].number}</title><p>Official contract".encode()


@vector(
    "The first line of a PDF.",
    findings="unreadable",
    pyhanko="unreadable",
    pdfsig="unreadable",
)
def first_line_alone(kit: Kit) -> bytes:
    return b"%PDF-1.7\n"


@vector(
    "A contract behind a web page.",
    findings="prefixed",
    of="order",
    status="official",
    pyhanko="unreadable",
    pdfsig="digest mismatch partial",
)
def junk_before_the_contract(kit: Kit) -> bytes:
    return b"<!doctype html><script>alert(1)</script><!--\n" + kit["order"].sealed


@vector(
    "A contract between the parts of an upload.",
    findings="prefixed",
    of="order",
    status="official",
    pyhanko="unreadable",
    pdfsig="unreadable",
)
def upload_saved_whole(kit: Kit) -> bytes:
    return b"X-Part: contract\r\n" * 200 + b"\r\n" + kit["order"].sealed + b"\r\n--boundary--\r\n"


@vector(
    "A contract in a ZIP archive.",
    findings="in_archive",
    of="order",
    status="official",
    pyhanko="unreadable",
    pdfsig="unreadable",
)
def zipped_contract(kit: Kit) -> bytes:
    return _zip({"contract.pdf": kit["order"].sealed})


@vector(
    "The same, uncompressed.",
    findings="in_archive",
    of="order",
    status="official",
    pyhanko="unreadable",
    pdfsig="digest mismatch partial",
)
def stored_contract(kit: Kit) -> bytes:
    return _zip({"__MACOSX/._contract.pdf": b"", "contract.pdf": kit["order"].sealed}, ZIP_STORED)


@vector(
    "A changed contract in a ZIP archive.",
    findings="not_pdf",
    pyhanko="unreadable",
    pdfsig="unreadable",
)
def zipped_change(kit: Kit) -> bytes:
    return _zip({"contract.pdf": kit["order"].sealed + b"\n"})


def _zip(files: dict[str, bytes], compression: int = ZIP_DEFLATED) -> bytes:
    output = BytesIO()
    with ZipFile(output, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return output.getvalue()


@vector(
    "A contract with other line ends.",
    findings="unreadable",
    pyhanko="unreadable",
    pdfsig="unreadable",
)
def line_ends_exchanged(kit: Kit) -> bytes:
    return kit["order"].sealed.replace(b"\n", b"\r\n")


@vector(
    "A PDF without a page.",
    findings="no_seal",
    pyhanko="no signature",
    pdfsig="no signature",
)
def no_pages(kit: Kit) -> bytes:
    return _pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>")


@vector(
    "A page tree that contains itself.",
    findings="no_seal",
    pyhanko="no signature",
    pdfsig="no signature",
)
def pages_in_a_circle(kit: Kit) -> bytes:
    return _pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R]/Count 1/Parent 2 0 R>>")


@vector(
    "Form fields that contain themselves.",
    findings="unreadable",
    pyhanko="unreadable",
    pdfsig="no answer",
)
def fields_in_a_circle(kit: Kit) -> bytes:
    form = b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[3 0 R]/SigFlags 3>>>>"
    field = b"<</FT/Sig/T(ContractSeal)/Kids[3 0 R]/Parent 3 0 R>>"
    return _pdf(form, b"<</Type/Pages/Kids[]/Count 0>>", field)


@vector(
    "A table that is its own predecessor.",
    findings="unreadable",
    pyhanko="unreadable",
    pdfsig="no signature",
)
def cross_references_in_a_circle(kit: Kit) -> bytes:
    content = _pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>")
    place = content.index(b"xref\n")
    return content.replace(b"/Root 1 0 R", b"/Root 1 0 R/Prev %d" % place)


@vector(
    "A table that claims 2,000,000,000 objects.",
    findings="unreadable",
    pyhanko="unreadable",
    pdfsig="no signature",
)
def huge_cross_references(kit: Kit) -> bytes:
    content = _pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>")
    return content.replace(b"xref\n0 1\n", b"xref\n0 2000000000\n")


@vector(
    "Arrays 50,000 deep.",
    findings="too_complex",
    pyhanko="unreadable",
    pdfsig="no signature",
)
def nested_arrays(kit: Kit) -> bytes:
    nested = b"[" * 50_000 + b"]" * 50_000
    return _pdf(b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields 3 0 R>>>>", b"<</Type/Pages/Kids[]/Count 0>>", nested)


@vector(
    "A cross-reference stream that unpacks to 256 MB.",
    findings="too_complex",
    pyhanko="no answer",
    pdfsig="unreadable",
)
def cross_references_that_unpack_to_much(kit: Kit) -> bytes:
    body = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
    references = stream(zeros(256), b"/Type/XRef/W[1 2 1]/Size 268435456/Root 1 0 R")
    return body + b"3 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF\n" % (references, len(body))


@vector(
    "A contract of more than 20 MB.",
    findings="too_large",
    pyhanko="unreadable",
    pdfsig="unreadable",
)
def more_than_twenty_megabytes(kit: Kit) -> bytes:
    return kit["order"].sealed + b"\n" * (20 * 1024 * 1024)


def _pdf(*objects: bytes) -> bytes:
    return pdf(dict(enumerate(objects, start=1)))
