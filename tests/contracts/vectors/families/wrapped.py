"""Signature wrapping: what was signed is moved apart, and other content comes between, where no signature looks."""

import re

from tests.contracts.vectors.changing import gap_of
from tests.contracts.vectors.kit import Kit
from tests.contracts.vectors.vector import vector

DRAWN = b"1 0 0 rg 0 0 595 842 re f"
STREAM = 900
"""The number of an object that no contract has."""


@vector(
    ("The end of the file moved back; between, another page and a signature object whose /ByteRange fits again."),
    findings="changed",
    pyhanko="invalid UNCLEAR",
    pdfsig="valid partial",
    because=("pdfsig finds the parts that were moved unchanged, while a reader shows a page that nobody sealed."),
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


def _between(sealed: bytes, start: int, end: int, table: int, *, moved: int) -> bytes:
    """Blanks up to where the table belongs, the table, and the objects that it names beside the sealed ones."""
    places = _entries(sealed[table:])
    signature = int(re.findall(rb"\n(\d+) 0 obj", sealed[:start])[-1])
    page = min(number for number in places if b"/Type /Page\n" in sealed[places[number] :][:700])
    fitting = b"/Contents %s\n/ByteRange [0 %d %d %d]" % (sealed[start:end], start, moved, len(sealed) - end)
    objects = {
        signature: b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached\n%s>>" % fitting,
        page: b"<</Type/Page/Parent 19 0 R/MediaBox[0 0 595 842]/Resources<<>>/Contents %d 0 R>>" % STREAM,
        STREAM: b"<</Length %d>>\nstream\n%s\nendstream" % (len(DRAWN), DRAWN),
    }
    trailer = b"trailer\n<</Root 17 0 R/Info 18 0 R/Size %d/Prev %s>>\nstartxref\n%d\n%%%%EOF\n"
    trailer %= (STREAM + 1, sealed.rsplit(b"/Prev ", 1)[1].split()[0], table)
    behind = table + len(_table(places | dict.fromkeys(objects, 0))) + len(trailer)
    body = b""
    for number, content in objects.items():
        places[number] = behind + len(body)
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    return b" " * (table - end - 1) + b"\n" + _table(places) + trailer + body


def _entries(table: bytes) -> dict[int, int]:
    """Where the objects of a cross-reference table are."""
    places = {}
    for first, _, rows in re.findall(rb"(\d+) (\d+)\n((?:\d{10} \d{5} n \n)+)", table):
        for n, row in enumerate(rows.splitlines()):
            places[int(first) + n] = int(row[:10])
    return places


def _table(places: dict[int, int]) -> bytes:
    return b"xref\n" + b"".join(b"%d 1\n%010d 00000 n \n" % entry for entry in sorted(places.items()))
