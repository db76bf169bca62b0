"""One byte of a sealed contract is not what was sealed."""

import re

from tests.contracts.vectors.changing import (
    contents_reference,
    flipped,
    flipped_in_signature,
    gap_of,
    offset_of,
    page_of,
    signed_data_of,
    stream_of,
)
from tests.contracts.vectors.kit import Kit
from tests.contracts.vectors.reasons import OTHER_BYTES
from tests.contracts.vectors.syntax import startxref_of
from tests.contracts.vectors.vector import vector


@vector(
    "The PDF version in the first line.",
    findings="changed",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="digest mismatch total",
)
def header(kit: Kit) -> bytes:
    return b"%PDF-1.6" + kit["order"].sealed[8:]


@vector(
    "The first page's content.",
    findings="changed",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="digest mismatch total",
)
def page_content(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    return flipped(sealed, stream_of(sealed, contents_reference(sealed)) + 700)


@vector(
    "An embedded font.",
    findings="changed",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="digest mismatch total",
)
def font(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    fonts = page_of(sealed)["/Resources"]["/Font"]
    descriptor = next(fonts[name] for name in fonts if "/FontDescriptor" in fonts[name])["/FontDescriptor"]
    return flipped(sealed, stream_of(sealed, descriptor.raw_get("/FontFile2")) + 2000)


@vector(
    "The straddle seal, moved by 0.1 points.",
    findings="changed",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="digest mismatch total",
)
def annotation(kit: Kit) -> bytes:
    sealed = kit["request"].sealed
    place = offset_of(sealed, page_of(sealed)["/Annots"][0].container_ref)
    return flipped(sealed, sealed.index(b".", sealed.index(b"/Rect", place)) + 1)


@vector(
    "A number in the dictionary of the draft's cross-references.",
    findings="changed",
    pyhanko="unreadable",
    pdfsig="digest mismatch total",
)
def cross_references_of_the_draft(kit: Kit) -> bytes:
    return _with_other_size(kit["order"].sealed, startxref_of(kit["order"].draft))


@vector(
    "A number in the dictionary of the seal's cross-references.",
    findings="changed",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="digest mismatch total",
)
def cross_references_of_the_seal(kit: Kit) -> bytes:
    return _with_other_size(kit["order"].sealed, startxref_of(kit["order"].sealed))


def _with_other_size(sealed: bytes, place: int) -> bytes:
    digits = re.compile(rb"/Size (\d+)").search(sealed, place)
    assert digits
    return flipped(sealed, digits.end() - 1)


@vector(
    "The file's identifier.",
    findings="changed",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="digest mismatch total",
)
def trailer(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    place = sealed.rindex(b"/ID [ <") + 8
    return sealed[:place] + (b"0" if sealed[place : place + 1] != b"0" else b"1") + sealed[place + 1 :]


@vector(
    "The document's title.",
    findings="changed",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="digest mismatch total",
)
def title_in_the_drafts_part(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    return flipped(sealed, sealed.index(b"/Title") + 10)


@vector(
    "The visible seal.",
    findings="changed",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="digest mismatch total",
)
def picture_of_the_seal(kit: Kit) -> bytes:
    draft, sealed = kit["order"].draft, kit["order"].sealed
    return flipped(sealed, sealed.index(b"stream", sealed.index(b"/BBox", len(draft))) + 400)


@vector(
    "The signature's reason.",
    findings="changed",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="digest mismatch total",
)
def reason_of_the_signature(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    return flipped(sealed, sealed.index(b"C", sealed.rindex(b"/Reason (")))


@vector(
    "The signature value.",
    findings="changed",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="invalid total",
)
def signature_value(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    value = signed_data_of(sealed)["signer_infos"][0]["signature"].native
    return flipped_in_signature(sealed, value, len(value) - 3)


@vector(
    "The digest in the signed attributes.",
    findings="changed",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="digest mismatch total",
)
def signed_attributes(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    attributes = signed_data_of(sealed)["signer_infos"][0]["signed_attrs"]
    digest = next(each["values"][0].native for each in attributes if each["type"].native == "message_digest")
    return flipped_in_signature(sealed, digest, 5)


@vector(
    "The seal's certificate in the signature.",
    findings="changed",
    pyhanko="refused",
    pdfsig="valid total",
    because="pdfsig -nocert ignores that the certificate's own signature is wrong.",
)
def certificate_inside(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    own = kit.ours.seal.certificate.signature
    return flipped_in_signature(sealed, own, len(own) - 3)


@vector(
    "A zero behind the signature, which no signature covers.",
    findings="changed",
    pyhanko="valid ENTIRE_FILE",
    pdfsig="valid partial",
    because=OTHER_BYTES,
)
def room_behind_the_signature(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    return flipped(sealed, gap_of(sealed).end - 5)


@vector(
    "The signature in small hexadecimal digits.",
    findings="changed",
    pyhanko="valid ENTIRE_FILE",
    pdfsig="valid total",
    because=OTHER_BYTES,
)
def small_digits(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    gap = gap_of(sealed)
    return sealed[: gap.start] + sealed[gap.start : gap.end].lower() + sealed[gap.end :]


@vector(
    "A carriage return for the last newline.",
    findings="changed",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="digest mismatch total",
)
def last_byte(kit: Kit) -> bytes:
    return kit["order"].sealed[:-1] + b"\r"
