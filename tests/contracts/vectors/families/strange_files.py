"""Files that are no contracts, or that are made to hurt who reads them."""

import zlib

from tests.contracts.vectors.kit import Kit
from tests.contracts.vectors.vector import vector

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
    "A web page that says it is a contract.",
    findings="not_pdf",
    pyhanko="unreadable",
    pdfsig="unreadable",
)
def web_page(kit: Kit) -> bytes:
    return f"<!doctype html><title>Contract {kit['order'].number}</title><p>Official contract".encode()


@vector(
    "Nothing but the first line of a PDF.",
    findings="unreadable",
    pyhanko="unreadable",
    pdfsig="unreadable",
)
def first_line_alone(kit: Kit) -> bytes:
    return b"%PDF-1.7\n"


@vector(
    "A sealed contract with a web page before it.",
    findings="unreadable",
    pyhanko="unreadable",
    pdfsig="digest mismatch partial",
)
def junk_before_the_contract(kit: Kit) -> bytes:
    return b"<!doctype html><script>alert(1)</script><!--\n" + kit["order"].sealed


@vector(
    "A sealed contract in which line ends were exchanged, as text transfers do.",
    findings="unreadable",
    pyhanko="unreadable",
    pdfsig="digest mismatch partial",
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
    return _pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"])


@vector(
    "A page tree that contains itself.",
    findings="no_seal",
    pyhanko="no signature",
    pdfsig="no signature",
)
def pages_in_a_circle(kit: Kit) -> bytes:
    return _pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R]/Count 1/Parent 2 0 R>>"])


@vector(
    "Form fields that contain themselves.",
    findings="unreadable",
    pyhanko="unreadable",
    pdfsig="no answer",
)
def fields_in_a_circle(kit: Kit) -> bytes:
    form = b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[3 0 R]/SigFlags 3>>>>"
    field = b"<</FT/Sig/T(ContractSeal)/Kids[3 0 R]/Parent 3 0 R>>"
    return _pdf([form, b"<</Type/Pages/Kids[]/Count 0>>", field])


@vector(
    "A cross-reference table whose predecessor is itself.",
    findings="unreadable",
    pyhanko="unreadable",
    pdfsig="no signature",
)
def cross_references_in_a_circle(kit: Kit) -> bytes:
    content = _pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"])
    place = content.index(b"xref\n")
    return content.replace(b"/Root 1 0 R", b"/Root 1 0 R/Prev %d" % place)


@vector(
    "A cross-reference table that claims two thousand million objects.",
    findings="unreadable",
    pyhanko="unreadable",
    pdfsig="no signature",
)
def huge_cross_references(kit: Kit) -> bytes:
    content = _pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"])
    return content.replace(b"xref\n0 3\n", b"xref\n0 2000000000\n")


@vector(
    "Arrays nested fifty thousand deep.",
    findings="too_complex",
    pyhanko="unreadable",
    pdfsig="no signature",
)
def nested_arrays(kit: Kit) -> bytes:
    nested = b"[" * 50_000 + b"]" * 50_000
    return _pdf([b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields 3 0 R>>>>", b"<</Type/Pages/Kids[]/Count 0>>", nested])


@vector(
    "A compressed cross-reference that unpacks to 256 MB.",
    findings="too_complex",
    pyhanko="no answer",
    pdfsig="unreadable",
)
def cross_references_that_unpack_to_much(kit: Kit) -> bytes:
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(256)) + packer.flush()
    body = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
    stream = b"<</Type/XRef/W[1 2 1]/Size 268435456/Root 1 0 R/Filter/FlateDecode/Length %d>>" % len(packed)
    return body + b"3 0 obj\n%s\nstream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % (stream, packed, len(body))


@vector(
    "A sealed contract blown up to more than 20 MB.",
    findings="too_large",
    pyhanko="unreadable",
    pdfsig="valid partial",
    because=("pdfsig judges the signed part alone; we do not even read it, for no document of ours is so large."),
)
def more_than_twenty_megabytes(kit: Kit) -> bytes:
    return kit["order"].sealed + b"\n" * (20 * 1024 * 1024)


def _pdf(objects: list[bytes]) -> bytes:
    """A small PDF of these objects, the first of which is its catalogue."""
    content, places = b"%PDF-1.7\n", []
    for number, entry in enumerate(objects, start=1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, entry)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    trailer = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(content))
    return content + head + table + trailer
