"""Licence scans of certification requests: validated by content, not by file name or media type (R11)."""

import logging
import secrets
import struct
import zlib
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from io import BytesIO

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _
from PIL.Image import Image
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from accounts.models import CertificationRequest
from common.errors import Refused

log = logging.getLogger(__name__)
MAX_LICENCE_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 80_000_000
"""Maximum size of a picture, because a small file may expand to a huge one (decompression bomb)."""
PDF, PNG, JPEG = b"%PDF-", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
PDF_END = b"%%EOF"
PDF_MARK_RANGE_BYTES = 1024
"""PDF readers accept the start and end marks within this distance of the ends of the file."""
PADDING = b"\0 \t\r\n\f\x1a"
"""Bytes after the end of a PDF that readers ignore."""
OTHER_FILE_SIGNATURES = (
    b"PK",
    b"MZ",
    b"\x7fELF",
    b"#!",
    b"<",
    b"{",
    b"GIF8",
    b"BM",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
)
"""Signatures of archives, programs and web pages. Such a file is not accepted as a PDF, whatever it contains."""
JPEG_SCAN, JPEG_END = b"\xff\xda", b"\xff\xd9"
PNG_CHUNK_HEAD_BYTES, PNG_CHUNK_TAIL_BYTES = 8, 4
"""Length and type before the data of a PNG chunk, and checksum after it."""
MAX_BYTES_PER_PIXEL = 9
"""For PNG: four channels of 16 bits, plus room for the filter bytes."""
CHUNK_BYTES = 64 * 1024


def detect_file_type(content: bytes) -> str | None:
    """Return "pdf", "png" or "jpg" by the content; None for anything else."""
    if content.startswith(PNG):
        return "png"
    if content.startswith(JPEG):
        return "jpg"
    before, mark, _rest = content[:PDF_MARK_RANGE_BYTES].partition(PDF)
    return "pdf" if mark and not before.lstrip(PADDING + BOM_UTF8).startswith(OTHER_FILE_SIGNATURES) else None


def find_licence_fault(content: bytes) -> str:
    """Return an error message, or an empty string for a complete PDF, PNG or JPEG of at most 5 MB."""
    kind = detect_file_type(content)
    if not content:
        return _("Attach a scan of the licence or identity document.")
    if len(content) > MAX_LICENCE_BYTES:
        return _("The file is larger than 5 MB.")
    if kind is None:
        return _("The file is not a PDF, PNG or JPEG file.")
    if kind == "pdf":
        return "" if PDF_END in content.rstrip(PADDING)[-PDF_MARK_RANGE_BYTES:] else _damaged_message()
    return _find_picture_fault(content, kind)


def _find_picture_fault(content: bytes, kind: str) -> str:
    open_picture, is_whole = PICTURES[kind]
    try:
        with open_picture(BytesIO(content)) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                return _("The image has too many pixels. Upload a smaller one.")
            return "" if is_whole(content, picture) else _damaged_message()
    except Exception:  # Pillow raises many kinds of exceptions for damaged files
        return _damaged_message()


def _is_whole_jpeg(content: bytes, picture: Image) -> bool:
    """Decode the whole picture at an eighth of its size, to save memory. Raises if the data is truncated.

    Also checks the end mark, because missing data replaced by zeros is decoded as grey.
    """
    picture.draft("L", (1, 1))
    picture.load()
    return content.rfind(JPEG_END) > content.rfind(JPEG_SCAN)


def _is_whole_png(content: bytes, picture: Image) -> bool:
    """Verify all checksums and decompress the pixels in chunks. Raises if the data is damaged."""
    limit = picture.width * picture.height * MAX_BYTES_PER_PIXEL + CHUNK_BYTES
    picture.verify()
    unpack, size = zlib.decompressobj(), 0
    for data in _iterate_pixel_data(content):
        rest = data
        while rest:
            size += len(unpack.decompress(rest, CHUNK_BYTES))
            rest = unpack.unconsumed_tail
            if size > limit:
                return False
    return unpack.eof


def _iterate_pixel_data(content: bytes) -> Iterator[bytes]:
    at = len(PNG)
    while at + PNG_CHUNK_HEAD_BYTES <= len(content):
        length, kind = struct.unpack_from(">I4s", content, at)
        if kind == b"IDAT":
            yield content[at + PNG_CHUNK_HEAD_BYTES : at + PNG_CHUNK_HEAD_BYTES + length]
        at += PNG_CHUNK_HEAD_BYTES + length + PNG_CHUNK_TAIL_BYTES


PICTURES: dict[str, tuple[Callable[[BytesIO], Image], Callable[[bytes, Image], bool]]] = {
    "png": (PngImageFile, _is_whole_png),
    "jpg": (JpegImageFile, _is_whole_jpeg),
}


def _damaged_message() -> str:
    return _("The file is damaged or incomplete. Check that you can open it, then upload it again.")


def store_licence(request: CertificationRequest, content: bytes) -> None:
    """Store the scan under an unguessable name. The caller saves the row.

    The file is stored first, so that a failed transaction may leave an orphaned file, but never a row without a file.
    Raises Refused `storage_unavailable`.
    """
    name = f"{secrets.token_hex(16)}.{detect_file_type(content)}"
    try:
        request.licence.save(name, ContentFile(content), save=False)
    except Exception as error:  # storage backends have no common exception class
        log.exception("storage cannot be written: %s", name)
        raise Refused(
            "storage_unavailable", _("The file could not be stored. Please select it and send the request again.")
        ) from error


def delete_licence(request: CertificationRequest) -> None:
    """Clear the scan in the caller's transaction, and delete the file after commit. Idempotent.

    A crash in between leaves an orphaned file, never a row with a missing file.
    """
    storage, path = request.licence.storage, request.licence.name
    request.licence = ""
    request.save(update_fields=["licence"])
    if path:
        transaction.on_commit(lambda: storage.delete(path))


def read_licence(request: CertificationRequest) -> bytes:
    """Return the uploaded file. Raises Refused: `not_found` if it has been deleted, `storage_unavailable`."""
    if not request.licence:
        raise Refused("not_found", _("The scan of this request has been deleted."))
    try:
        with request.licence.open() as file:
            content: bytes = file.read()
    except Exception as error:  # see store_licence()
        log.exception("storage cannot be read: %s", request.licence.name)
        raise Refused(
            "storage_unavailable", _("The file cannot be read from storage. Please contact the operator.")
        ) from error
    return content
