"""Files made to exhaust who reads them: nesting, loops, compression, sizes that are claimed, and long certificates."""

import zlib
from functools import partial

from tests.contracts.vectors import keys, syntax
from tests.contracts.vectors.forging import seal_as
from tests.contracts.vectors.kit import Kit
from tests.contracts.vectors.opinions import NO_ANSWER
from tests.contracts.vectors.reasons import ANY_ISSUER, SIGNED_PART
from tests.contracts.vectors.signatures import with_value
from tests.contracts.vectors.syntax import NEW
from tests.contracts.vectors.vector import vector
from tests.contracts.verification.hostile import CATALOGUE, PAGE, PAGES, pdf, stream, zeros

MESH = 6
bomb = partial(vector, findings="unreadable", pyhanko="unreadable", pdfsig="no signature")
behind = partial(
    vector,
    findings="appended",
    of="order",
    status="official",
    pyhanko="invalid ENTIRE_REVISION",
    pdfsig="valid partial",
    because=SIGNED_PART,
)


@behind("Behind our seal, a page tree that contains itself.")
def page_circle_behind_our_seal(kit: Kit) -> bytes:
    root = syntax.catalogue_of(kit["order"].sealed)
    pages = syntax.number_in(root, b"/Pages")
    return _update(kit, {pages: b"<</Type/Pages/Kids[%d 0 R %d 0 R]/Count 2>>" % (pages, pages)})


@behind("Behind our seal, form fields 300 deep.", pyhanko="unreadable")
def deep_fields(kit: Kit) -> bytes:
    form = syntax.number_in(syntax.catalogue_of(kit["order"].sealed), b"/AcroForm")
    field = b"<</T(a)/Kids[%d 0 R]>>"
    fields = {NEW + n: field % (NEW + n + 1) for n in range(300)} | {NEW + 300: b"<</FT/Sig/T(a)>>"}
    return _update(kit, {form: b"<</SigFlags 3/Fields[%d 0 R]>>" % NEW} | fields)


@behind("Behind our seal, dictionaries 10,000 deep.", findings="appended", pyhanko="unreadable")
def deep_dictionaries(kit: Kit) -> bytes:
    root = syntax.catalogue_of(kit["order"].sealed)
    return _update(kit, {syntax.root_of(kit["order"].sealed): syntax.with_entries(root, _nested(10_000))})


@behind("Behind our seal, a page that unpacks to 1 GB.")
def page_that_unpacks_to_much(kit: Kit) -> bytes:
    page = syntax.red_page(kit["order"].sealed)
    return _update(kit, page | {NEW: stream(zeros(1024))})


@behind("Behind our seal, 1,000 annotations.")
def many_annotations(kit: Kit) -> bytes:
    objects = syntax.red_page(kit["order"].sealed)
    page = next(iter(objects))
    annotations = b"<</Subtype/Square/Rect[0 0 9 9]>>" * 1000
    return _update(kit, objects | {page: syntax.with_entries(objects[page], b"/Annots[%b]" % annotations)})


@bomb("Strings 100,000 deep.", findings="not_ours", pdfsig="unreadable")
def deep_strings(kit: Kit) -> bytes:
    return _form(b"<</FT/Sig/T(a)/V%b>>" % (b"(" * 100_000 + b")" * 100_000))


@bomb("A stream compressed 50 times.", findings="no_seal", pyhanko="no signature")
def many_filters(kit: Kit) -> bytes:
    data = b"1 0 R "
    for _ in range(50):
        data = zlib.compress(data)
    holder = stream(data, b"/Type/ObjStm/N 1/First 4", filters=[b"/FlateDecode"] * 50)
    return pdf({1: CATALOGUE, 2: PAGES, 3: PAGE, 4: holder})


@bomb("A stream whose length is itself.", findings="too_complex", pdfsig="unreadable")
def length_in_a_circle(kit: Kit) -> bytes:
    return _form(b"<</FT/Sig/T(a)/V<</Length 4 0 R>>\nstream\nx\nendstream>>")


@bomb("A name of 500,000 letters.", pyhanko="no signature", pdfsig="unreadable", findings="no_seal")
def long_name(kit: Kit) -> bytes:
    return _form(b"<</FT/Sig/T(a)/%b 1>>" % (b"A" * 500_000))


@bomb("A cross-reference stream that claims rows of 2,000,000,000 columns.", pdfsig="unreadable")
def huge_predictor(kit: Kit) -> bytes:
    return _references(b"/W[1 2 1]/Size 9/DecodeParms<</Predictor 12/Columns 2000000000>>")


@bomb("A cross-reference stream with entries of 2,000,000,000 bytes.", pdfsig="unreadable")
def huge_entries(kit: Kit) -> bytes:
    return _references(b"/W[1 2000000000 1]/Size 9")


@bomb(
    "A cross-reference stream with 2,000,000,000 entries of no bytes.",
    findings="too_complex",
    pyhanko=NO_ANSWER,
    pdfsig="unreadable",
    slow=True,
)
def entries_of_no_bytes(kit: Kit) -> bytes:
    return _references(b"/W[0 0 0]/Size 2000000000")


@bomb("An object stream within itself.", findings="too_complex", pdfsig="unreadable")
def object_stream_within_itself(kit: Kit) -> bytes:
    rows = bytes(4) + b"\2\0\2\0" * 2
    return _references(b"/W[1 2 1]/Size 3", rows)


@bomb("2,000 updates.", findings="no_seal", pyhanko="no signature", pdfsig="unreadable")
def two_thousand_updates(kit: Kit) -> bytes:
    content = pdf({1: CATALOGUE, 2: PAGES, 3: PAGE, 4: b"<</FT/Sig/T(a)>>"})
    parts, prev = [content], syntax.startxref_of(content)
    size = len(content)
    for _ in range(2000):
        part = b"xref\n0 0\ntrailer\n<</Size 5/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (prev, size)
        prev = size
        size += len(part)
        parts.append(part)
    return b"".join(parts)


@bomb("A signature value with ASN.1 800 deep.", findings="not_ours", pdfsig="unknown failure total")
def deep_asn1(kit: Kit) -> bytes:
    return with_value(kit["order"].sealed, b"\x30\x80" * 800 + b"\0\0" * 400)


@bomb(
    "A certificate under six authorities that all certify each other.",
    findings="not_ours",
    pyhanko=NO_ANSWER,
    pdfsig="valid total",
    because=ANY_ISSUER,
)
def many_paths(kit: Kit) -> bytes:
    holders = [keys.another_root(kit.ours.root, "Mesh") for _ in range(MESH)]
    mesh = [keys.cross_sign(by, to) for by in holders for to in holders if by is not to]
    seal = keys.issue(holders[0], kit.ours.seal)
    kept = kit["unsealed"]
    return seal_as(kept.draft, keys.Holder(seal.key, seal.certificate, tuple(mesh)), number=kept.number, issuer_name="")


def _nested(depth: int) -> bytes:
    return b"/A<<" * depth + b">>" * depth


def _form(field: bytes) -> bytes:
    return pdf({1: CATALOGUE, 2: PAGES, 3: PAGE, 4: field})


def _references(entries: bytes, rows: bytes = bytes(64)) -> bytes:
    """Return a PDF with a cross-reference stream."""
    body = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
    references = stream(zlib.compress(rows), b"/Type/XRef/Root 1 0 R" + entries)
    return body + b"9 0 obj\n%b\nendobj\n" % references + syntax.end_of_file(len(body))


def _update(kit: Kit, objects: syntax.Objects) -> bytes:
    return syntax.with_update(kit["order"].sealed, objects)
