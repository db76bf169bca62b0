"""Signature wrapping: what was signed is moved apart, and other content comes between, where no signature looks."""

import re

from tests.contracts.vectors.changing import gap_of, page_of
from tests.contracts.vectors.kit import Kit
from tests.contracts.vectors.syntax import root_of
from tests.contracts.vectors.vector import vector
from tests.contracts.verification.hostile import CATALOGUE, PAGE, PAGES, pdf, stream

DRAWN = b"1 0 0 rg 0 0 595 842 re f"
STREAM = 900
"""The number of an object that no contract has."""


@vector(
    "Another page and signature object in between; the end moved back.",
    findings="changed",
    pyhanko="invalid UNCLEAR",
    pdfsig="valid partial",
    because="pdfsig finds the sealed bytes unchanged; a reader shows others.",
)
def signature_wrapped(kit: Kit) -> bytes:
    """The old trailer, moved back with the rest, still says where a table of references is: a forged one, now."""
    sealed = kit["order"].sealed
    gap = gap_of(sealed)
    head, tail = sealed[: gap.end], sealed[gap.end :]
    table = int(sealed.rsplit(b"startxref\n", 1)[1].split()[0])
    moved = len(_between(sealed, gap.start, gap.end, table, moved=10_000_000)) + gap.end
    between = _between(sealed, gap.start, gap.end, table, moved=moved)
    return head + between.ljust(moved - gap.end) + tail


@vector(
    "The sealed file in a stream of another PDF, whose signature refers into it.",
    findings="changed",
    pyhanko="invalid UNCLEAR",
    pdfsig="valid partial",
    because="pdfsig finds the sealed bytes unchanged; a reader shows others.",
)
def sealed_file_in_a_stream(kit: Kit) -> bytes:
    sealed = kit["order"].sealed
    gap = gap_of(sealed)
    carried = stream(sealed, filters=())
    value = b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/Contents %b/ByteRange[%b]>>"
    objects = {1: CATALOGUE, 2: PAGES, 3: PAGE, 4: b"<</FT/Sig/T(ContractSeal)/V 6 0 R>>", 5: carried}
    start = pdf(objects).index(sealed)
    numbers = b"%d %d %d %d" % (start, gap.start, start + gap.end, len(sealed) - gap.end)
    return pdf(objects | {6: value % (sealed[gap.start : gap.end], numbers)})


def _between(sealed: bytes, start: int, end: int, table: int, *, moved: int) -> bytes:
    """Blanks up to where the table belongs, the table, and the objects that it names beside the sealed ones."""
    places = _places_of_update(sealed)
    signature = int(re.findall(rb"\n(\d+) 0 obj", sealed[:start])[-1])
    shown = page_of(sealed)
    page, parent = shown.container_ref.idnum, shown.raw_get("/Parent").idnum
    fitting = b"/Contents %s\n/ByteRange [0 %d %d %d]" % (sealed[start:end], start, moved, len(sealed) - end)
    objects = {
        signature: b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached\n%s>>" % fitting,
        page: b"<</Type/Page/Parent %d 0 R/MediaBox[0 0 595 842]/Resources<<>>/Contents %d 0 R>>" % (parent, STREAM),
        STREAM: b"<</Length %d>>\nstream\n%s\nendstream" % (len(DRAWN), DRAWN),
    }
    trailer = b"trailer\n<</Root %d 0 R/Size %d/Prev %s>>\nstartxref\n%d\n%%%%EOF\n"
    trailer %= (root_of(sealed), STREAM + 1, sealed.rsplit(b"/Prev ", 1)[1].split()[0], table)
    behind = table + len(_table(places | dict.fromkeys(objects, 0))) + len(trailer)
    body = b""
    for number, content in objects.items():
        places[number] = behind + len(body)
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    return b" " * (table - end - 1) + b"\n" + _table(places) + trailer + body


def _places_of_update(sealed: bytes) -> dict[int, int]:
    """Where the objects of the last update are."""
    begin = sealed.rindex(b"%%EOF", 0, -10)
    return {
        int(found[1]): found.start(1) for found in re.finditer(rb"\n(\d+) 0 obj\n", sealed) if found.start() > begin
    }


def _table(places: dict[int, int]) -> bytes:
    return b"xref\n" + b"".join(b"%d 1\n%010d 00000 n \n" % entry for entry in sorted(places.items()))
