"""Changes to a file: single bits, texts of the same length, and incremental updates behind it."""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any, NamedTuple

import pypdfium2
from asn1crypto import cms
from pyhanko.pdf_utils.generic import DictionaryObject, IndirectObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

Box = tuple[float, float, float, float]
"""Left, bottom, right, top in points."""


class Gap(NamedTuple):
    """Where a file's last signature stands in it: `start` is at its `<`, `end` behind its `>`."""

    start: int
    end: int
    byte_range: re.Match[bytes]

    def hex_of(self, content: bytes) -> bytes:
        return content[self.start + 1 : self.end - 1]


def gap_of(content: bytes) -> Gap:
    found = list(re.finditer(rb"/ByteRange \[0 (\d+) (\d+) (\d+)\] *", content))[-1]
    return Gap(int(found[1]), int(found[2]), found)


def signed_data_of(content: bytes) -> cms.SignedData:
    der = bytes.fromhex(gap_of(content).hex_of(content).decode())
    return cms.ContentInfo.load(der, strict=False)["content"]  # zeros fill the room behind it


def flipped(content: bytes, place: int, bits: int = 1) -> bytes:
    """One byte changed."""
    changed = bytearray(content)
    changed[place] ^= bits
    return bytes(changed)


def flipped_in_signature(content: bytes, part: bytes, offset: int) -> bytes:
    """One byte of `part` changed, wherever the signature's DER has that."""
    gap = gap_of(content)
    der = bytes.fromhex(gap.hex_of(content).decode())
    assert part in der
    changed = der.replace(part, flipped(part, offset))
    return content[: gap.start + 1] + changed.hex().upper().encode() + content[gap.end - 1 :]


def replaced(content: bytes, old: bytes, new: bytes) -> bytes:
    """The last `old` replaced in place, filled up with blanks so that nothing behind it moves."""
    assert len(new) <= len(old)
    before, _, behind = content.rpartition(old)
    return before + new.ljust(len(old)) + behind


def with_byte_range(content: bytes, numbers: str) -> bytes:
    """Other numbers in the /ByteRange, and nothing moves."""
    return replaced(content, gap_of(content).byte_range[0], f"/ByteRange [{numbers}]".encode())


def updated(content: bytes, change: Callable[[IncrementalPdfFileWriter], Any]) -> bytes:
    """What a PDF library appends when it saves a change."""
    output = BytesIO(content)
    writer = IncrementalPdfFileWriter(output, strict=False)
    change(writer)
    writer.write_in_place()
    return output.getvalue()


def offset_of(content: bytes, reference: IndirectObject) -> int:
    """Where the object begins in the file."""
    return re.search(rb"(?<!\d)%d %d obj" % (reference.idnum, reference.generation), content).start()  # type: ignore[union-attr]


def page_of(content: bytes, index: int = 0) -> DictionaryObject:
    return PdfFileReader(BytesIO(content)).root["/Pages"]["/Kids"][index]


def stream_of(content: bytes, reference: IndirectObject) -> int:
    """Where the bytes of a stream object begin, as far as they can be guessed: behind its keyword."""
    return content.index(b"stream", offset_of(content, reference)) + 8


def contents_reference(content: bytes, index: int = 0) -> IndirectObject:
    """The content stream of a page."""
    return page_of(content, index).raw_get("/Contents")


def place_of_text(content: bytes, text: str) -> tuple[int, Box]:
    """The first page that shows `text`, and the box around it there."""
    document = pypdfium2.PdfDocument(content)
    try:
        for index, page in enumerate(document):
            words = page.get_textpage()
            found = words.search(text).get_next()
            if found:
                boxes = [words.get_charbox(found[0] + n) for n in range(found[1])]
                left, bottom, right, top = zip(*boxes, strict=True)
                return index, (min(left), min(bottom), max(right), max(top))
    finally:
        document.close()
    raise LookupError(text)
