"""Attacks on certified documents: annotations, signatures and forms that a lenient certification would allow.

Our seal certifies with level 1, which allows none. A leak of our key could certify with another level.
"""

from functools import partial

from pyhanko.sign.fields import MDPPerm

from tests.contracts.vectors import keys, syntax
from tests.contracts.vectors.changing import page_of
from tests.contracts.vectors.forging import seal_as, signed_again
from tests.contracts.vectors.kit import Kit
from tests.contracts.vectors.reasons import SIGNED_PART
from tests.contracts.vectors.syntax import NEW
from tests.contracts.vectors.vector import vector

updated = partial(
    vector,
    findings="appended",
    of="order",
    status="official",
    pyhanko="invalid ENTIRE_REVISION",
    pdfsig="valid partial",
    because=SIGNED_PART,
)
FORM = b"<</Type/XObject/Subtype/Form/BBox[0 0 300 40]/Length %d>>\nstream\n%b\nendstream"
WHITE = FORM % (25, b"1 1 1 rg 0 0 300 40 re f ")
SQUARE = b"<</Type/Annot/Subtype/%b/F 4/Rect[100 300 400 340]/AP<</N %d 0 R>>%b>>"


@updated("Evil annotation: a stamp with another figure.")
def evil_stamp(kit: Kit) -> bytes:
    return _annotated(kit["order"].sealed, b"Stamp")


@updated("Evil annotation: a redaction.")
def evil_redaction(kit: Kit) -> bytes:
    return _annotated(kit["order"].sealed, b"Redact", b"/IC[1 1 1]/OverlayText(0.00)")


@updated("Evil annotation: a link over the page.")
def evil_link(kit: Kit) -> bytes:
    return _annotated(kit["order"].sealed, b"Link", b"/A<</S/URI/URI(https://example.com)>>")


@updated("Evil annotation: an attached file.")
def evil_attachment(kit: Kit) -> bytes:
    return _annotated(kit["order"].sealed, b"FileAttachment", b"/FS<</Type/Filespec/F(pay.exe)>>")


@updated(
    "Sneaky signature: a rival under our root signs, its picture covers the page.",
    findings="appended several_signatures",
    pyhanko="invalid ENTIRE_REVISION; valid ENTIRE_FILE",
    pdfsig="valid partial; valid total",
)
def sneaky_signature(kit: Kit) -> bytes:
    rival = keys.issue(kit.ours.root, kit.ours.seal)
    return signed_again(kit["order"].sealed, rival.signer, box=(0, 0, 595, 842))


@updated("An empty signature field over the page.")
def empty_signature_field(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    form = syntax.number_in(syntax.catalogue_of(sealed), b"/AcroForm")
    field = b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Buyer)/F 4/Rect[0 0 595 842]>>"
    with_field = syntax.text_of(sealed, form).replace(b"/Fields [", b"/Fields [ %d 0 R" % NEW)
    return syntax.with_update(sealed, {form: with_field, NEW: field})


@updated("DocMDP removed from the permissions.")
def certification_removed(kit: Kit) -> bytes:
    return _with_catalogue(kit, syntax.without(syntax.catalogue_of(kit["order"].sealed), b"/DocMDP"))


@updated("Usage rights (UR3) that allow edits.")
def usage_rights(kit: Kit) -> bytes:
    root = syntax.catalogue_of(kit["order"].sealed)
    signature = syntax.number_in(root, b"/DocMDP")
    return _with_catalogue(kit, root.replace(b"/DocMDP", b"/UR3 %d 0 R/DocMDP" % signature))


@updated(
    "The signature rewritten with level 3, which allows annotations.",
    pyhanko="invalid CONTIGUOUS_BLOCK_FROM_START",
)
def certification_made_lenient(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    number = syntax.number_in(syntax.catalogue_of(sealed), b"/DocMDP")
    return syntax.with_update(sealed, {number: syntax.text_of(sealed, number).replace(b"/P 1\n", b"/P 3\n")})


@updated("A lock on no field (FieldMDP).")
def field_lock_added(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    form = syntax.text_of(sealed, syntax.number_in(syntax.catalogue_of(sealed), b"/AcroForm"))
    field = syntax.number_in(form, rb"/Fields \[")
    lock = b"/Lock<</Type/SigFieldLock/Action/Include/Fields[]/P 3>>"
    return syntax.with_update(sealed, {field: syntax.with_entries(syntax.text_of(sealed, field), lock)})


@vector(
    "Our key certifies with level 3; then a stamp.",
    findings="changed",
    pyhanko="invalid ENTIRE_REVISION",
    pdfsig="valid partial",
    because=SIGNED_PART,
)
def our_key_with_level_3(kit: Kit) -> bytes:
    return _annotated(_sealed(kit, permissions=MDPPerm.ANNOTATE), b"Stamp")


@vector(
    "Our key certifies with level 2; then a rival's signature.",
    findings="changed several_signatures",
    pyhanko="invalid ENTIRE_REVISION; valid ENTIRE_FILE",
    pdfsig="valid partial; valid total",
    because=SIGNED_PART,
)
def our_key_with_level_2(kit: Kit) -> bytes:
    rival = keys.issue(kit.ours.root, kit.ours.seal)
    return signed_again(_sealed(kit, permissions=MDPPerm.FILL_FORMS), rival.signer, box=(0, 0, 595, 842))


def _sealed(kit: Kit, **how: object) -> bytes:
    kept = kit["order"]
    return seal_as(kept.draft, kit.ours.seal, number=kept.number, issuer_name=kit.issuer_name, **how)


def _annotated(sealed: bytes, kind: bytes, entries: bytes = b"") -> bytes:
    page = page_of(sealed).container_ref.idnum
    text = syntax.text_of(sealed, page).replace(b"/Annots [", b"/Annots [ %d 0 R" % NEW)
    return syntax.with_update(sealed, {page: text, NEW: SQUARE % (kind, NEW + 1, entries), NEW + 1: WHITE})


def _with_catalogue(kit: Kit, text: bytes) -> bytes:
    sealed = kit["order"].sealed
    return syntax.with_update(sealed, {syntax.root_of(sealed): text})
