"""One byte of a sealed contract is not what was sealed."""

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
from tests.contracts.vectors.vector import vector


@vector(
    "A digit of the PDF version in the first line.",
    findings="changed",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="digest mismatch total",
)
def header(kit: Kit) -> bytes:
    return b"%PDF-1.6" + kit["order"].sealed[8:]


@vector(
    "A byte in the middle of the first page's content stream.",
    findings="changed",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="digest mismatch total",
)
def page_content(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    return flipped(sealed, stream_of(sealed, contents_reference(sealed)) + 700)


@vector(
    "A byte of an embedded font, as one would to let a 1 look like a 7.",
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
    "The straddle seal of page 1 moved by a tenth of a point.",
    findings="changed",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="digest mismatch total",
)
def annotation(kit: Kit) -> bytes:
    sealed = kit["request"].sealed
    place = offset_of(sealed, page_of(sealed)["/Annots"][0].container_ref)
    return flipped(sealed, sealed.index(b".", sealed.index(b"/Rect", place)) + 1)


@vector(
    "A digit of an offset in the draft's cross-reference table.",
    findings="changed",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="digest mismatch total",
)
def cross_references_of_the_draft(kit: Kit) -> bytes:
    draft, sealed = kit["order"].draft, kit["order"].sealed
    return flipped(sealed, draft.rindex(b"\nxref") + 40)


@vector(
    "A digit of an offset in the cross-reference table that sealing wrote.",
    findings="changed",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="digest mismatch total",
)
def cross_references_of_the_seal(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    return flipped(sealed, sealed.rindex(b"00000 n") - 3)


@vector(
    "A digit of the file's identifier in the trailer.",
    findings="changed",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="digest mismatch total",
)
def trailer(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    place = sealed.rindex(b"/ID [ <") + 8
    return sealed[:place] + (b"0" if sealed[place : place + 1] != b"0" else b"1") + sealed[place + 1 :]


@vector(
    "A letter of the document's title in the draft's part.",
    findings="changed",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="digest mismatch total",
)
def title_in_the_drafts_part(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    return flipped(sealed, sealed.index(b"/Title") + 10)


@vector(
    "A byte of the visible seal's picture.",
    findings="changed",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="digest mismatch total",
)
def picture_of_the_seal(kit: Kit) -> bytes:
    draft, sealed = kit["order"].draft, kit["order"].sealed
    return flipped(sealed, sealed.index(b"stream", sealed.index(b"/BBox", len(draft))) + 400)


@vector(
    "A letter of the reason in the signature's dictionary.",
    findings="changed",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="digest mismatch total",
)
def reason_of_the_signature(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    return flipped(sealed, sealed.index(b"C", sealed.rindex(b"/Reason (")))


@vector(
    "A byte of the signature value itself.",
    findings="changed",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="invalid total",
)
def signature_value(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    value = signed_data_of(sealed)["signer_infos"][0]["signature"].native
    return flipped_in_signature(sealed, value, len(value) - 3)


@vector(
    "A byte of the digest among the signed attributes.",
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
    "A byte of the seal's certificate inside the signature.",
    findings="changed",
    pyhanko="refused",
    pdfsig="valid total",
    because=("pdfsig -nocert does not look at certificates, and one whose own signature is wrong is nobody's."),
)
def certificate_inside(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    own = kit.ours.seal.certificate.signature
    return flipped_in_signature(sealed, own, len(own) - 3)


@vector(
    "A zero that fills the room behind the signature, which no signature covers.",
    findings="changed",
    pyhanko="valid ENTIRE_FILE",
    pdfsig="valid partial",
    because="No signature covers its own place in the file, so none can tell; the registered hash does.",
)
def room_behind_the_signature(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    return flipped(sealed, gap_of(sealed).end - 5)


@vector(
    "The signature written in small hexadecimal digits: the same signature in other bytes.",
    findings="not_registered",
    pyhanko="valid ENTIRE_FILE",
    pdfsig="valid total",
    because="No signature covers its own place in the file, so none can tell; the registered hash does.",
)
def small_digits(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    gap = gap_of(sealed)
    return sealed[: gap.start] + sealed[gap.start : gap.end].lower() + sealed[gap.end :]


@vector(
    "A carriage return in place of the newline at the end.",
    findings="changed",
    pyhanko="invalid ENTIRE_FILE",
    pdfsig="digest mismatch total",
)
def last_byte(kit: Kit) -> bytes:
    return kit["order"].sealed[:-1] + b"\r"
