"""Incremental updates in plain PDF syntax, for what no library would write."""

import re
from collections.abc import Sequence
from io import BytesIO

from pyhanko.pdf_utils.generic import Reference
from pyhanko.pdf_utils.reader import PdfFileReader

from tests.contracts.vectors.changing import page_of

Objects = dict[int, bytes]
"""The text of each object by its number."""

NEW = 900
"""An object number that no contract uses. Those after it are free too."""
RED_PAGE = b"1 0 0 rg 0 0 595 842 re f"


def with_update(
    content: bytes, objects: Objects, *, root: int | None = None, entries: bytes = b"", free: Sequence[int] = ()
) -> bytes:
    """Append an incremental update. `entries` are added to the trailer, `free` are deleted objects."""
    body, offsets = bodies(content, objects)
    start = len(content) + len(body)
    return content + body + table(offsets, free) + trailer(content, start, root=root, entries=entries)


def bodies(content: bytes, objects: Objects) -> tuple[bytes, dict[int, int]]:
    """Return the objects as they are written behind `content`, and their offsets."""
    body, offsets = b"", {}
    for number, text in objects.items():
        offsets[number] = len(content) + len(body)
        body += b"%d 0 obj\n%b\nendobj\n" % (number, text)
    return body, offsets


def table(offsets: dict[int, int], free: Sequence[int] = ()) -> bytes:
    rows = {number: b"%010d 00000 n" % offset for number, offset in offsets.items()}
    rows |= dict.fromkeys(free, b"0000000000 00001 f")
    return b"xref\n" + b"".join(b"%d 1\n%b \n" % row for row in sorted(rows.items()))


def trailer(content: bytes, start: int, *, root: int | None = None, entries: bytes = b"", prev: bool = True) -> bytes:
    """Return the trailer of an update whose table is at `start`."""
    back = b"/Prev %d" % startxref_of(content) if prev else b""
    root = root or root_of(content)
    return b"trailer\n<</Size %d/Root %d 0 R%b%b>>\n%b" % (NEW + 99, root, back, entries, end_of_file(start))


def end_of_file(startxref: int) -> bytes:
    return b"startxref\n%d\n%%%%EOF\n" % startxref


def startxref_of(content: bytes) -> int:
    return int(content.rsplit(b"startxref\n", 1)[1].split()[0])


def root_of(content: bytes) -> int:
    """Return the number of the catalogue."""
    return int(re.findall(rb"/Root (\d+) 0 R", content)[-1])


def text_of(content: bytes, number: int) -> bytes:
    """Return the text of an object as it was last written; of one in an object stream, as it would be outside."""
    written = re.findall(rb"(?<!\d)%d 0 obj\n(.*?)\nendobj" % number, content, re.DOTALL)
    if written:
        return written[-1]
    text = BytesIO()
    reader = PdfFileReader(BytesIO(content))
    reader.get_object(Reference(number, 0, reader)).write_to_stream(text)
    return text.getvalue()


def catalogue_of(content: bytes) -> bytes:
    return text_of(content, root_of(content))


def number_in(text: bytes, key: bytes) -> int:
    """Return the number of the object that `key` refers to in a dictionary's text."""
    return int(re.search(rb"%b (\d+) 0 R" % key, text)[1])  # type: ignore[index]


def with_entries(text: bytes, entries: bytes) -> bytes:
    """Return a dictionary's text with entries added at its end."""
    return text.removesuffix(b">>") + entries + b">>"


def without(text: bytes, key: bytes) -> bytes:
    """Return a dictionary's text without an entry: `key` is written as another name."""
    assert key in text
    return text.replace(key, key[:-1] + b"_")


def stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<</Length %d%b>>\nstream\n%b\nendstream" % (len(data), entries, data)


def with_red_page(content: bytes) -> bytes:
    return with_update(content, red_page(content))


def with_second_contents(content: bytes) -> bytes:
    """Append the first page with two /Contents, the second of which is red."""
    objects = red_page(content)
    page = next(iter(objects))
    text = with_entries(text_of(content, page), b"/Contents %d 0 R" % NEW)
    return with_update(content, {page: text, NEW: objects[NEW]})


def red_page(content: bytes) -> Objects:
    """Return objects that replace the first page by a red one."""
    page = page_of(content).container_ref.idnum
    parent = number_in(text_of(content, page), b"/Parent")
    text = b"<</Type/Page/Parent %d 0 R/MediaBox[0 0 595 842]/Resources<<>>/Contents %d 0 R>>" % (parent, NEW)
    return {page: text, NEW: stream(RED_PAGE)}
