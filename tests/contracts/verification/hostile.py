"""Files made to hurt whoever reads them, and a small maker of PDF files for them."""

import zlib
from collections.abc import Sequence

Objects = dict[int, bytes]


def pdf(objects: Objects, *, trailer: bytes = b"", prev: int | None = None) -> bytes:
    """A PDF file of these objects, object 1 its catalogue, with a sound table of references."""
    content = bytearray(b"%PDF-1.7\n")
    places: dict[int, int] = {}
    for number, body in objects.items():
        places[number] = len(content)
        content += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(content)
    content += b"xref\n0 1\n0000000000 65535 f \n"
    for number, place in places.items():
        content += b"%d 1\n%010d 00000 n \n" % (number, place)
    size = max(places) + 1
    back = b"" if prev is None else b"/Prev %d" % prev
    return bytes(content) + b"trailer\n<</Size %d /Root 1 0 R %b %b>>\nstartxref\n%d\n%%%%EOF\n" % (
        size,
        back,
        trailer,
        start,
    )


CATALOGUE = b"<</Type /Catalog /Pages 2 0 R /AcroForm <</Fields [4 0 R]>> >>"
PAGES = b"<</Type /Pages /Kids [3 0 R] /Count 1>>"
PAGE = b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 9 9]>>"


def stream(data: bytes, entries: bytes = b"", *, filters: Sequence[bytes] = (b"/FlateDecode",)) -> bytes:
    names = b" ".join(filters)
    return b"<</Length %d /Filter [%b] %b>>\nstream\n%b\nendstream" % (len(data), names, entries, data)


def zeros(megabytes: int, *, first: bytes = b"") -> bytes:
    """Compressed zero bytes, made without having so many, and `first` before them."""
    packer = zlib.compressobj(9)
    begun = packer.compress(first + bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return begun + again * (megabytes - 1)


def deep_nesting() -> bytes:
    """A field whose value is an array in an array, 200,000 deep."""
    depth = 200_000
    return pdf({1: CATALOGUE, 2: PAGES, 3: PAGE, 4: b"<</FT /Sig /T (a) /V " + b"[" * depth + b"]" * depth + b">>"})


def fields_in_a_circle() -> bytes:
    return pdf({1: CATALOGUE, 2: PAGES, 3: PAGE, 4: b"<</T (a) /Kids [5 0 R]>>", 5: b"<</T (b) /Kids [4 0 R]>>"})


def references_in_a_circle() -> bytes:
    """The value of a signature field refers to itself, by way of another."""
    return pdf({1: CATALOGUE, 2: PAGES, 3: PAGE, 4: b"<</FT /Sig /T (a) /V 5 0 R>>", 5: b"6 0 R", 6: b"5 0 R"})


def pages_in_a_circle() -> bytes:
    return pdf({1: CATALOGUE, 2: b"<</Type /Pages /Kids [2 0 R] /Count 1>>", 4: b"<</FT /Sig /T (a)>>"})


def tables_in_a_circle() -> bytes:
    """The table of references names itself as the one before it."""
    first = pdf({1: CATALOGUE, 2: PAGES, 3: PAGE, 4: b"<<>>"}, prev=10_000)
    start = first.index(b"xref\n0 1")
    return first.replace(b"/Prev 10000", b"/Prev %d" % start)


def huge_table() -> bytes:
    """A table of references with 800,000 entries, all of which lead nowhere."""
    entries = b"0000000000 00000 n \n" * 800_000
    table = b"xref\n0 800000\n" + entries + b"trailer\n<</Size 800000 /Root 1 0 R>>\nstartxref\n9\n%%EOF\n"
    return b"%PDF-1.7\n" + table


def claimed_table() -> bytes:
    """A table of references that says it has 2,000,000,000 entries."""
    return b"%PDF-1.7\nxref\n0 2000000000\n0000000000 65535 f \ntrailer\n<</Size 9>>\nstartxref\n9\n%%EOF\n"


def inflating_table() -> bytes:
    """A compressed table of references: 10 MB that become 10 GB."""
    body = stream(zeros(10_001), b"/Type /XRef /W [1 4 2] /Size 1000000000 /Root 1 0 R")
    return b"%PDF-1.7\n9 0 obj\n" + body + b"\nendobj\nstartxref\n9\n%%EOF\n"


def inflating_object() -> bytes:
    """The same in an object stream, which holds the catalogue."""
    objects = stream(zeros(10_001, first=b"1 0 2 20 "), b"/Type /ObjStm /N 2 /First 9")
    holder = b"%PDF-1.7\n5 0 obj\n" + objects + b"\nendobj\n"
    table = b"".join(
        kind + place.to_bytes(4) + index
        for kind, place, index in (
            (b"\0", 0, b"\0"),
            (b"\2", 5, b"\0"),
            (b"\2", 5, b"\1"),
            (b"\0", 0, b"\0"),
            (b"\0", 0, b"\0"),
            (b"\1", 9, b"\0"),
        )
    )
    body = stream(zlib.compress(table), b"/Type /XRef /W [1 4 1] /Size 6 /Root 1 0 R")
    return holder + b"9 0 obj\n" + body + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(holder)


def many_fields() -> bytes:
    """100,000 signature fields with a value each."""
    numbers = range(10, 100_010)
    fields = b" ".join(b"%d 0 R" % number for number in numbers)
    catalogue = b"<</Type /Catalog /Pages 2 0 R /AcroForm <</Fields [" + fields + b"]>> >>"
    field = b"<</FT /Sig /T (a) /V <</Type /Sig /Filter /A /SubFilter /B /ByteRange [0 1 2 3] /Contents <00>>> >>"
    return pdf({1: catalogue, 2: PAGES, 3: PAGE, **dict.fromkeys(numbers, field)})


def long_number() -> bytes:
    """A number of ten million digits, which takes long to convert."""
    return pdf({1: CATALOGUE, 2: PAGES, 3: PAGE, 4: b"<</FT /Sig /T (a) /V " + b"9" * 10_000_000 + b">>"})


HOSTILE = [
    deep_nesting,
    fields_in_a_circle,
    references_in_a_circle,
    pages_in_a_circle,
    tables_in_a_circle,
    huge_table,
    claimed_table,
    inflating_table,
    inflating_object,
    many_fields,
    long_number,
]
