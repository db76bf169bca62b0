"""The whole file written anew by another program: it may look the same, and its signature is gone or dead."""

from collections.abc import Callable
from io import BytesIO

import pypdfium2
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer

from tests.contracts.vectors.kit import Kit
from tests.contracts.vectors.vector import vector


def _copied(content: bytes, *, compressed: bool = False, password: str = "") -> bytes:
    output = BytesIO()
    writer = copy_into_new_writer(PdfFileReader(BytesIO(content)), {"stream_xrefs": compressed})
    if password:
        writer.encrypt(owner_pass=password, user_pass=password)
    writer.write(output)
    return output.getvalue()


def _saved(content: bytes, change: Callable[[pypdfium2.PdfDocument], None]) -> bytes:
    document, output = pypdfium2.PdfDocument(content), BytesIO()
    try:
        change(document)
        document.save(output)
    finally:
        document.close()
    return output.getvalue()


@vector(
    "Saved unchanged by a viewer (PDFium).",
    findings="changed",
    pyhanko="invalid CONTIGUOUS_BLOCK_FROM_START",
    pdfsig="digest mismatch partial",
)
def saved_by_a_viewer(kit: Kit) -> bytes:
    return _saved(kit["order"].sealed, lambda document: None)


@vector(
    "Objects copied into a new file.",
    findings="changed",
    pyhanko="invalid CONTIGUOUS_BLOCK_FROM_START",
    pdfsig="digest mismatch partial",
)
def copied(kit: Kit) -> bytes:
    return _copied(kit["order"].sealed)


@vector(
    "The same, compressed.",
    findings="changed",
    pyhanko="invalid CONTIGUOUS_BLOCK_FROM_START",
    pdfsig="digest mismatch partial",
)
def compressed(kit: Kit) -> bytes:
    return _copied(kit["order"].sealed, compressed=True)


@vector(
    "Encrypted with a password.",
    findings="unreadable",
    pyhanko="unreadable",
    pdfsig="unreadable",
)
def encrypted(kit: Kit) -> bytes:
    return _copied(kit["order"].sealed, password="secret")


@vector(
    "Printed to a new PDF.",
    findings="no_seal",
    pyhanko="no signature",
    pdfsig="not verified partial",
)
def printed(kit: Kit) -> bytes:
    document, pages, output = pypdfium2.PdfDocument(kit["order"].sealed), pypdfium2.PdfDocument.new(), BytesIO()
    try:
        pages.import_pages(document)
        pages.save(output)
    finally:
        pages.close()
        document.close()
    return output.getvalue()


@vector(
    "A page of another contract inserted.",
    findings="changed",
    pyhanko="invalid CONTIGUOUS_BLOCK_FROM_START",
    pdfsig="digest mismatch partial",
)
def page_of_another_contract(kit: Kit) -> bytes:
    other = pypdfium2.PdfDocument(kit["other"].sealed)
    try:
        return _saved(kit["order"].sealed, lambda document: document.import_pages(other, pages=[0], index=0))
    finally:
        other.close()


@vector(
    "A page taken out.",
    findings="changed",
    pyhanko="invalid CONTIGUOUS_BLOCK_FROM_START",
    pdfsig="digest mismatch partial",
)
def page_taken_out(kit: Kit) -> bytes:
    return _saved(kit["request"].sealed, lambda document: document.del_page(1))
