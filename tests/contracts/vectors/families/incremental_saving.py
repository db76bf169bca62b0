"""Incremental saving attacks: an update behind the sealed part, complete or in pieces, that changes what is shown."""

from functools import partial

from tests.contracts.vectors import syntax
from tests.contracts.vectors.changing import gap_of, page_of
from tests.contracts.vectors.kit import Kit
from tests.contracts.vectors.reasons import ADDED, SIGNED_PART
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


@updated("A red page without table and trailer.", pyhanko="valid ENTIRE_REVISION", because=ADDED)
def objects_alone(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    return sealed + syntax.bodies(sealed, syntax.red_page(sealed))[0]


@updated("A red page without a trailer.", pyhanko="valid ENTIRE_REVISION", because=ADDED)
def objects_without_a_trailer(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    body, offsets = syntax.bodies(sealed, syntax.red_page(sealed))
    return sealed + body + syntax.table(offsets)


@updated(
    "A red page beside a table that does not name it.",
    pyhanko="valid ENTIRE_REVISION",
    because=ADDED,
)
def objects_beside_a_table(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    content = sealed + syntax.bodies(sealed, syntax.red_page(sealed))[0]
    return content + syntax.table({}, free=[0]) + syntax.trailer(sealed, len(content))


@updated("A red page and a trailer without predecessor.", pyhanko="unreadable")
def trailer_without_a_predecessor(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    body, offsets = syntax.bodies(sealed, syntax.red_page(sealed))
    start = len(sealed) + len(body)
    return sealed + body + syntax.table(offsets) + syntax.trailer(sealed, start, prev=False)


@updated(
    "A red page, and the seal's field refers to a copy of the signature.",
    pyhanko="invalid CONTIGUOUS_BLOCK_FROM_START",
)
def signature_copied(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    field = _field(sealed)
    old = syntax.number_in(syntax.text_of(sealed, field), b"/V")
    moved = syntax.text_of(sealed, field).replace(b"/V %d 0 R" % old, b"/V %d 0 R" % (NEW + 1))
    copied = {field: moved, NEW + 1: syntax.text_of(sealed, old)}
    return syntax.with_update(sealed, syntax.red_page(sealed) | copied)


@updated("A table that points the page back to the draft's (hide and replace).")
def table_alone(kit: Kit) -> bytes:
    """The draft's page is in an object stream, so the table is a stream, too."""
    draft, sealed = kit["order"].draft, kit["order"].sealed
    page = page_of(draft).container_ref
    place = page.pdf.xrefs[page]
    row = b"\2" + place.obj_stream_id.to_bytes(4) + bytes([place.ix_in_stream])
    head = b"/Type/XRef/W[1 4 1]/Index[%d 1]/Size %d/Root %d 0 R/Prev %d"
    head %= (page.idnum, NEW + 99, syntax.root_of(sealed), syntax.startxref_of(sealed))
    table = syntax.bodies(sealed, {NEW: syntax.stream(row, head)})[0]
    return sealed + table + syntax.end_of_file(len(sealed))


@updated("Another catalogue and page tree.")
def another_catalogue(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    pages = b"<</Type/Pages/Count 1/Kids[%d 0 R]>>" % (NEW + 2)
    page = b"<</Type/Page/Parent %d 0 R/MediaBox[0 0 595 842]/Resources<<>>/Contents %d 0 R>>" % (NEW + 1, NEW)
    form = syntax.number_in(syntax.catalogue_of(sealed), b"/AcroForm")
    root = b"<</Type/Catalog/Pages %d 0 R/AcroForm %d 0 R>>" % (NEW + 1, form)
    objects = {NEW: syntax.stream(syntax.RED_PAGE), NEW + 1: pages, NEW + 2: page, NEW + 3: root}
    return syntax.with_update(sealed, objects, root=NEW + 3)


@updated("The catalogue without its form.", pyhanko="no signature")
def form_removed(kit: Kit) -> bytes:
    return _with_catalogue(kit, syntax.without(_catalogue(kit), b"/AcroForm"))


@updated("Two forms in the catalogue, the second empty.", pyhanko="unreadable")
def two_forms(kit: Kit) -> bytes:
    return _with_catalogue(kit, syntax.with_entries(_catalogue(kit), b"/AcroForm<</Fields[]>>"))


@updated("Two page trees in the catalogue, the second empty.", pyhanko="unreadable")
def two_page_trees(kit: Kit) -> bytes:
    return _with_catalogue(kit, syntax.with_entries(_catalogue(kit), b"/Pages<</Type/Pages/Kids[]/Count 0>>"))


@updated("The signature deleted.", pyhanko="unreadable")
def signature_deleted(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    return syntax.with_update(sealed, {}, free=[syntax.number_in(syntax.text_of(sealed, _field(sealed)), b"/V")])


@updated("Encryption declared.", pyhanko="unreadable", pdfsig="unreadable", because="")
def encryption_added(kit: Kit) -> bytes:
    handler = b"/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<%b>/U<%b>>>" % (b"00" * 32, b"00" * 32)
    return syntax.with_update(kit["order"].sealed, {}, entries=handler)


@updated("JavaScript on opening.")
def script_added(kit: Kit) -> bytes:
    action = b"/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>"
    return _with_catalogue(kit, syntax.with_entries(_catalogue(kit), action))


@updated("A form in XFA.")
def xfa_added(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    form = syntax.number_in(_catalogue(kit), b"/AcroForm")
    changed = syntax.with_entries(syntax.text_of(sealed, form), b"/XFA %d 0 R" % NEW)
    template = b"<xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'><template/></xdp:xdp>"
    return syntax.with_update(sealed, {form: changed, NEW: syntax.stream(template)})


@updated("A layer over the page (optional content).")
def layer_added(kit: Kit) -> bytes:
    layers = b"/OCProperties<</OCGs[%d 0 R]/D<</OFF[%d 0 R]>>>>" % (NEW + 1, NEW + 1)
    layer = {NEW + 1: b"<</Type/OCG/Name(Contract)>>"}
    sealed = kit["order"].sealed
    objects = syntax.red_page(sealed) | layer | {syntax.root_of(sealed): syntax.with_entries(_catalogue(kit), layers)}
    return syntax.with_update(sealed, objects)


@updated("The page cropped.")
def page_cropped(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    page = syntax.number_in(syntax.text_of(sealed, _pages(kit)), rb"/Kids \[")
    cropped = syntax.with_entries(syntax.text_of(sealed, page), b"/CropBox[0 420 595 842]")
    return syntax.with_update(sealed, {page: cropped})


@updated(
    "A red page and a copied signature over the sealed revision.",
    findings="appended several_signatures",
    pyhanko="invalid ENTIRE_REVISION; invalid CONTIGUOUS_BLOCK_FROM_START",
    pdfsig="valid partial; valid partial",
)
def signature_over_the_earlier_revision(kit: Kit) -> bytes:
    """A forger needs no key for this: the copied signature fits the same bytes."""
    sealed = kit["order"].sealed
    gap = gap_of(sealed)
    value = b"/Contents %b/ByteRange[0 %d %d %d]" % (
        sealed[gap.start : gap.end],
        gap.start,
        gap.end,
        len(sealed) - gap.end,
    )
    objects = {
        NEW + 1: b"<</FT/Sig/T(Approval)/V %d 0 R/Type/Annot/Subtype/Widget/F 132/Rect[0 0 0 0]>>" % (NEW + 2),
        NEW + 2: b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached%b>>" % value,
    }
    form = syntax.number_in(_catalogue(kit), b"/AcroForm")
    both = b"<</SigFlags 3/Fields[%d 0 R %d 0 R]>>" % (_field(sealed), NEW + 1)
    return syntax.with_update(sealed, syntax.red_page(sealed) | objects | {form: both})


@updated("1,000 ends of file.", pyhanko="unreadable", because=ADDED)
def many_ends(kit: Kit) -> bytes:
    return kit["order"].sealed + b"%%EOF\n" * 1000


@updated("Zero bytes.", pyhanko="valid ENTIRE_REVISION", because=ADDED)
def zero_bytes(kit: Kit) -> bytes:
    return kit["order"].sealed + bytes(512)


def _catalogue(kit: Kit) -> bytes:
    return syntax.catalogue_of(kit["order"].sealed)


def _pages(kit: Kit) -> int:
    return syntax.number_in(_catalogue(kit), b"/Pages")


def _field(sealed: bytes) -> int:
    form = syntax.text_of(sealed, syntax.number_in(syntax.catalogue_of(sealed), b"/AcroForm"))
    return syntax.number_in(form, rb"/Fields \[")


def _with_catalogue(kit: Kit, text: bytes) -> bytes:
    sealed = kit["order"].sealed
    return syntax.with_update(sealed, {syntax.root_of(sealed): text})
