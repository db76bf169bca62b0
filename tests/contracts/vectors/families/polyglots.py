"""Our file in or beside a file of another format: mail, archives, pictures, web pages and other PDFs."""

import gzip
import zipfile
from base64 import encodebytes
from functools import partial
from io import BytesIO

from tests.contracts.vectors import syntax
from tests.contracts.vectors.kit import Kit
from tests.contracts.vectors.reasons import ADDED
from tests.contracts.vectors.vector import vector
from tests.contracts.verification.hostile import CATALOGUE, PAGE, PAGES, pdf

packed = partial(vector, findings="not_pdf", pyhanko="unreadable", pdfsig="unreadable")
prefixed = partial(
    vector,
    findings="prefixed",
    of="order",
    status="official",
    pyhanko="unreadable",
    pdfsig="digest mismatch partial",
)
behind = partial(
    vector,
    findings="appended",
    of="order",
    status="official",
    pyhanko="valid ENTIRE_REVISION",
    pdfsig="valid partial",
    because=ADDED,
)
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000")
EMPTY_PICTURE = bytes.fromhex("ffdb004300") + b"\x01" * 64 + bytes.fromhex("ffd9")


@packed("Compressed with gzip.")
def gzipped(kit: Kit) -> bytes:
    return gzip.compress(kit["order"].sealed, mtime=0)


@packed("In an email (Base64).")
def mailed(kit: Kit) -> bytes:
    head = b"MIME-Version: 1.0\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head + encodebytes(kit["order"].sealed)


@packed("In UTF-16.")
def as_text(kit: Kit) -> bytes:
    return kit["order"].sealed.decode("latin-1").encode("utf-16")


@prefixed("Behind a byte order mark.")
def byte_order_mark(kit: Kit) -> bytes:
    return b"\xef\xbb\xbf" + kit["order"].sealed


@prefixed("In the comment of a JPEG picture.")
def in_a_jpeg(kit: Kit) -> bytes:
    return JPEG + b"\xff\xfe\xff\xff" + kit["order"].sealed + EMPTY_PICTURE


@prefixed("Behind a second first line.", pdfsig="unreadable")
def two_headers(kit: Kit) -> bytes:
    return b"%PDF-1.4\n" + kit["order"].sealed


@prefixed("Behind another PDF.", pdfsig="unreadable")
def behind_another_pdf(kit: Kit) -> bytes:
    return pdf({1: CATALOGUE, 2: PAGES, 3: PAGE}) + kit["order"].sealed


@prefixed("Behind two kilobytes of blanks.", pdfsig="unreadable")
def behind_blanks(kit: Kit) -> bytes:
    return b" " * 2048 + kit["order"].sealed


@prefixed("Behind the first line of a Windows program.")
def behind_a_program(kit: Kit) -> bytes:
    return b"MZ" + bytes(62) + kit["order"].sealed


@behind("A JPEG picture behind it.")
def jpeg_behind(kit: Kit) -> bytes:
    return kit["order"].sealed + JPEG + EMPTY_PICTURE


@behind("A web page behind it.")
def web_page_behind(kit: Kit) -> bytes:
    return kit["order"].sealed + b"<!doctype html><script>alert(1)</script>\n"


@behind("A ZIP archive behind it.")
def archive_behind(kit: Kit) -> bytes:
    output = BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        archive.writestr("setup.exe", b"MZ")
    return kit["order"].sealed + output.getvalue()


@vector(
    "Attached to another PDF.",
    findings="no_seal",
    pyhanko="no signature",
    pdfsig="no signature",
)
def attached(kit: Kit) -> bytes:
    return _portfolio(kit, b"/Names<</EmbeddedFiles<</Names[(contract.pdf) 5 0 R]>>>>")


@vector(
    "In a PDF portfolio.",
    findings="no_seal",
    pyhanko="no signature",
    pdfsig="no signature",
)
def in_a_portfolio(kit: Kit) -> bytes:
    names = b"/Names<</EmbeddedFiles<</Names[(contract.pdf) 5 0 R]>>>>"
    return _portfolio(kit, names + b"/Collection<</View/H/D(contract.pdf)>>")


def _portfolio(kit: Kit, entries: bytes) -> bytes:
    """Return a PDF with a red page and our file, uncompressed, as an attachment."""
    return pdf(
        {
            1: b"<</Type/Catalog/Pages 2 0 R%b>>" % entries,
            2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>/Contents 4 0 R>>",
            4: syntax.stream(syntax.RED_PAGE),
            5: b"<</Type/Filespec/F(contract.pdf)/EF<</F 6 0 R>>>>",
            6: syntax.stream(kit["order"].sealed, b"/Type/EmbeddedFile"),
        }
    )
