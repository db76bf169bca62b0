"""Names in hexadecimal and duplicated keys: readers differ in which of two entries they take."""

import re
from functools import partial

from tests.contracts.vectors import syntax
from tests.contracts.vectors.changing import gap_of
from tests.contracts.vectors.kit import Kit
from tests.contracts.vectors.reasons import OTHER_BYTES, SIGNED_PART, UNREGISTERED
from tests.contracts.vectors.signatures import resigned, value_of
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
by_our_key = partial(
    vector, findings="not_registered", pyhanko="valid ENTIRE_FILE", pdfsig="valid total", because=UNREGISTERED
)


@by_our_key("Our key; names in hexadecimal (/Sig as /S#69g).")
def names_in_hexadecimal(kit: Kit) -> bytes:
    return _signed(kit, b"/T#79pe/S#69g/F#69lter/Adobe#2EPPKLite/SubF#69lter/ETSI.CAdES#2Edetached")


@by_our_key(
    "Our key; a second, empty /Contents.",
    pyhanko="unreadable",
    pdfsig="unknown failure total",
    because="",
)
def two_contents(kit: Kit) -> bytes:
    return _signed(kit, b"/Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/Contents<00>")


@by_our_key(
    "Our key; a second /ByteRange of zeros.",
    pyhanko="unreadable",
    pdfsig="digest mismatch partial",
    because="",
)
def two_ranges(kit: Kit) -> bytes:
    return _signed(kit, b"/Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 0 0 0]")


@by_our_key("Our key; a signature without its type.")
def no_type(kit: Kit) -> bytes:
    return _signed(kit, b"/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached")


@by_our_key(
    "Our key; a signature that claims to be a document timestamp.",
    findings="not_ours",
    pyhanko="no signature",
    pdfsig="not verified total",
    because="",
)
def type_of_a_timestamp(kit: Kit) -> bytes:
    return _signed(kit, b"/Type/DocTimeStamp/Filter/Adobe.PPKLite/SubFilter/ETSI.RFC3161")


@by_our_key(
    "Our key; a format without CMS.",
    findings="not_ours",
    pyhanko="no signature",
    pdfsig="not verified total",
    because="",
)
def format_without_cms(kit: Kit) -> bytes:
    return _signed(kit, b"/Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.x509.rsa_sha1")


@by_our_key(
    "Our key; an unknown format.",
    findings="not_ours",
    pyhanko="no signature",
    pdfsig="not verified total",
    because="",
)
def unknown_format(kit: Kit) -> bytes:
    return _signed(kit, b"/Type/Sig/Filter/Unknown/SubFilter/unknown")


@vector(
    "The signature as a literal string.",
    findings="changed",
    pyhanko="invalid UNCLEAR",
    pdfsig="valid partial",
    because=OTHER_BYTES,
)
def literal_contents(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    gap = gap_of(sealed)
    value = b"(%b)" % re.sub(rb"[()\\\r\n]", lambda found: b"\\%03o" % found[0][0], value_of(sealed).dump())
    return sealed[: gap.start] + value.ljust(gap.end - gap.start) + sealed[gap.end :]


@vector(
    "The signature with blanks between its digits.",
    findings="changed",
    pyhanko="invalid UNCLEAR",
    pdfsig="valid partial",
    because=OTHER_BYTES,
)
def contents_with_blanks(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    gap = gap_of(sealed)
    digits = value_of(sealed).dump().hex(" ", 40).encode()
    return sealed[: gap.start + 1] + digits.ljust(gap.end - gap.start - 2) + sealed[gap.end - 1 :]


@updated(
    "The seal's field rewritten in hexadecimal, with another value.",
    pyhanko="unreadable",
    pdfsig="unknown failure partial",
    because="",
)
def field_in_hexadecimal(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    field = syntax.number_in(_form(sealed), rb"/Fields \[")
    text = b"<</F#54/S#69g/#54(ContractSeal)/#56 %d 0 R/Subtype/Widget/Rect[0 0 0 0]>>" % NEW
    value = b"<</T#79pe/S#69g/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 0 0 0]/#43ontents<00>>>"
    return syntax.with_update(sealed, {field: text, NEW: value})


@updated("A second field of the seal's name.")
def two_fields_of_one_name(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    form = syntax.number_in(syntax.catalogue_of(sealed), b"/AcroForm")
    both = _form(sealed).replace(b"/Fields [", b"/Fields [ %d 0 R" % NEW)
    return syntax.with_update(sealed, {form: both, NEW: b"<</FT/Sig/T(ContractSeal)>>"})


@updated("Two catalogues in the trailer.", pyhanko="unreadable")
def two_catalogues(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    draft = syntax.catalogue_of(kit["order"].draft)
    return syntax.with_update(sealed, {NEW: draft}, entries=b"/Root %d 0 R" % NEW)


@updated("Two contents of the page, the second red.", pyhanko="unreadable")
def two_page_contents(kit: Kit) -> bytes:
    """PDFium and poppler show the red one; pyHanko, unless it is strict, reads the sealed one."""
    return syntax.with_second_contents(kit["order"].sealed)


@updated("A second page tree, named in hexadecimal (/P#61ges).", pyhanko="unreadable")
def page_tree_in_hexadecimal(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    root = syntax.with_entries(syntax.catalogue_of(sealed), b"/P#61ges<</Type/Pages/Kids[]/Count 0>>")
    return syntax.with_update(sealed, {syntax.root_of(sealed): root})


def _form(sealed: bytes) -> bytes:
    return syntax.text_of(sealed, syntax.number_in(syntax.catalogue_of(sealed), b"/AcroForm"))


def _signed(kit: Kit, entries: bytes) -> bytes:
    """Return the file with other entries in the signature's dictionary, signed by our key over them."""
    sealed = kit["order"].sealed
    start = sealed.rindex(b"/Type /Sig\n")
    end = sealed.index(b"/Reason", start)
    return resigned(sealed[:start] + entries.ljust(end - start) + sealed[end:], kit.ours.seal)
