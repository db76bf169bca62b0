"""Tricks with cross-reference tables and streams, object streams, startxref and the end of the file."""

from functools import partial

from tests.contracts.vectors import syntax
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


@updated("A red page in an object stream.")
def object_stream(kit: Kit) -> bytes:
    return _with_object_stream(kit["order"].sealed)


@updated("Hybrid references: an empty table, and a stream with a red page.", pyhanko="refused")
def hybrid_references(kit: Kit) -> bytes:
    """Readers of PDF 1.4 show the sealed page, later ones the red page."""
    sealed = kit["order"].sealed
    packed, holder = _packed(sealed)
    body, offsets = syntax.bodies(sealed, holder)
    hidden = len(sealed) + len(body)
    body += syntax.bodies(sealed + body, {NEW + 2: _references(sealed, offsets, packed)})[0]
    start = len(sealed) + len(body)
    named = b"/XRefStm %d" % hidden
    return sealed + body + syntax.table({}, free=[0]) + syntax.trailer(sealed, start, entries=named)


@updated("An object stream that extends itself.")
def object_stream_in_a_circle(kit: Kit) -> bytes:
    return _with_object_stream(kit["order"].sealed, b"/Extends %d 0 R" % (NEW + 1))


@updated(
    "The end names the draft's table: readers show the draft.",
    pyhanko="no signature",
    pdfsig="no signature",
    because="",
)
def startxref_of_the_draft(kit: Kit) -> bytes:
    kept = kit["order"]
    return kept.sealed + syntax.end_of_file(syntax.startxref_of(kept.draft))


@updated("The end names the seal's table again.", pyhanko="valid ENTIRE_REVISION", because=ADDED)
def startxref_of_the_seal(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    return sealed + syntax.end_of_file(syntax.startxref_of(sealed))


@updated("The end names a table at 0.", pyhanko="unreadable", pdfsig="unreadable", because="")
def startxref_zero(kit: Kit) -> bytes:
    return kit["order"].sealed + syntax.end_of_file(0)


@updated("The end names a table behind the file.", pyhanko="unreadable", pdfsig="unreadable", because="")
def startxref_behind_the_file(kit: Kit) -> bytes:
    return kit["order"].sealed + syntax.end_of_file(99_999_999)


@updated("The end names a table at -1.", pyhanko="unreadable", pdfsig="unreadable", because="")
def startxref_negative(kit: Kit) -> bytes:
    return kit["order"].sealed + syntax.end_of_file(-1)


@updated("A table that names itself as its predecessor.", pyhanko="unreadable")
def table_in_a_circle(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    start = len(sealed)
    return (
        sealed
        + syntax.table({}, free=[0])
        + syntax.trailer(syntax.end_of_file(start), start, root=syntax.root_of(sealed))
    )


@updated("A comment.", pyhanko="valid ENTIRE_REVISION", because=ADDED)
def comment(kit: Kit) -> bytes:
    return kit["order"].sealed + b"% seen and approved\n"


@updated("200 updates.", because=ADDED)
def many_updates(kit: Kit) -> bytes:
    content = kit["order"].sealed
    for _ in range(200):
        content = syntax.with_update(content, {}, root=syntax.root_of(kit["order"].sealed), free=[NEW])
    return content


def _with_object_stream(sealed: bytes, entries: bytes = b"") -> bytes:
    packed, holder = _packed(sealed, entries)
    body, offsets = syntax.bodies(sealed, holder)
    start = len(sealed) + len(body)
    references = _references(sealed, offsets | {NEW + 2: start}, packed, b"/Prev %d" % syntax.startxref_of(sealed))
    return sealed + body + syntax.bodies(sealed + body, {NEW + 2: references})[0] + syntax.end_of_file(start)


def _packed(sealed: bytes, entries: bytes = b"") -> tuple[list[int], syntax.Objects]:
    """Return an object stream with the red page, and its content beside it; and the numbers of what is in it."""
    objects = syntax.red_page(sealed)
    content = {NEW: objects.pop(NEW)}
    [(number, text)] = objects.items()
    head = b"%d 0 " % number
    holder = syntax.stream(head + text, b"/Type/ObjStm/N 1/First %d%b" % (len(head), entries))
    return [number], content | {NEW + 1: holder}


def _references(sealed: bytes, offsets: dict[int, int], packed: list[int], entries: bytes = b"") -> bytes:
    """Return a cross-reference stream: `packed` objects are in the stream NEW + 1."""
    rows = {number: b"\1" + offset.to_bytes(4) + b"\0" for number, offset in offsets.items()}
    rows |= {number: b"\2" + (NEW + 1).to_bytes(4) + bytes([index]) for index, number in enumerate(packed)}
    index = b" ".join(b"%d 1" % number for number in sorted(rows))
    head = b"/Type/XRef/W[1 4 1]/Index[%b]/Size %d/Root %d 0 R%b"
    return syntax.stream(
        b"".join(rows[n] for n in sorted(rows)), head % (index, NEW + 99, syntax.root_of(sealed), entries)
    )
