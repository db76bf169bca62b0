"""The scan that comes with a request for certification, judged by its content: names and types prove nothing (R11)."""

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
LARGEST_LICENCE = 5 * 1024 * 1024
"""Bytes."""
MOST_PIXELS = 80_000_000
"""Of a picture; a few bytes can stand for more than any computer opens."""
PDF, PNG, JPEG = b"%PDF-", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
PDF_END = b"%%EOF"
READERS_LOOK_AT = 1024
"""Bytes at either end of a file within which readers accept a PDF's first and last mark."""
PADDING = b"\0 \t\r\n\f\x1a"
"""Bytes behind a PDF's end that readers skip."""
OTHER_KINDS = (b"PK", b"MZ", b"\x7fELF", b"#!", b"<", b"{", b"GIF8", b"BM", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")
"""First bytes of archives, programs and pages. Such a file is not accepted as a PDF, whatever follows in it."""
JPEG_SCAN, JPEG_END = b"\xff\xda", b"\xff\xd9"
CHUNK_HEAD, CHUNK_TAIL = 8, 4
"""Bytes around the data of a PNG chunk: length and type, checksum."""
MOST_BYTES_A_PIXEL = 9
"""Of a PNG: four channels of 16 bits, and room for the filter bytes."""
STEP = 64 * 1024


def kind_of(content: bytes) -> str | None:
    """ "pdf", "png" or "jpg" by the content; None for anything else."""
    if content.startswith(PNG):
        return "png"
    if content.startswith(JPEG):
        return "jpg"
    before, mark, _rest = content[:READERS_LOOK_AT].partition(PDF)
    return "pdf" if mark and not before.lstrip(PADDING + BOM_UTF8).startswith(OTHER_KINDS) else None


def wrong_licence(content: bytes) -> str:
    """What is wrong with the file, in a sentence; empty where it is a whole PDF, PNG or JPEG of at most 5 MB."""
    kind = kind_of(content)
    if not content:
        return _("Attach a scan of the licence or identity document.")
    if len(content) > LARGEST_LICENCE:
        return _("The file is larger than 5 MB.")
    if kind is None:
        return _("The file is neither a PDF nor a PNG or JPEG picture.")
    if kind == "pdf":
        return "" if PDF_END in content.rstrip(PADDING)[-READERS_LOOK_AT:] else _broken()
    return _wrong_picture(content, kind)


def _wrong_picture(content: bytes, kind: str) -> str:
    open_picture, is_whole = PICTURES[kind]
    try:
        with open_picture(BytesIO(content)) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                return _("The picture has too many pixels. Send a smaller one.")
            return "" if is_whole(content, picture) else _broken()
    except Exception:  # a broken picture raises whatever the part of Pillow raises that trips over it
        return _broken()


def _is_whole_jpeg(content: bytes, picture: Image) -> bool:
    """Decode all of it, at an eighth of its size: that takes a sixty-fourth of the memory. Raises where it breaks off.

    The end mark is required too: zeros in place of what is missing are decoded as grey.
    """
    picture.draft("L", (1, 1))
    picture.load()
    return content.rfind(JPEG_END) > content.rfind(JPEG_SCAN)


def _is_whole_png(content: bytes, picture: Image) -> bool:
    """Check every checksum, and decompress the pixels piece by piece. Raises where the data is broken."""
    limit = picture.width * picture.height * MOST_BYTES_A_PIXEL + STEP
    picture.verify()
    unpack, size = zlib.decompressobj(), 0
    for data in _pixel_data(content):
        rest = data
        while rest:
            size += len(unpack.decompress(rest, STEP))
            rest = unpack.unconsumed_tail
            if size > limit:
                return False
    return unpack.eof


def _pixel_data(content: bytes) -> Iterator[bytes]:
    at = len(PNG)
    while at + CHUNK_HEAD <= len(content):
        length, kind = struct.unpack_from(">I4s", content, at)
        if kind == b"IDAT":
            yield content[at + CHUNK_HEAD : at + CHUNK_HEAD + length]
        at += CHUNK_HEAD + length + CHUNK_TAIL


PICTURES: dict[str, tuple[Callable[[BytesIO], Image], Callable[[bytes, Image], bool]]] = {
    "png": (PngImageFile, _is_whole_png),
    "jpg": (JpegImageFile, _is_whole_jpeg),
}


def _broken() -> str:
    return _(
        "The file cannot be opened: it is damaged, or only part of it arrived. Open it yourself, then send it again."
    )


def keep_licence(request: CertificationRequest, content: bytes) -> None:
    """Store the scan under a name that nobody can guess; the caller saves the row.

    The file comes first: a lost transaction may leave a file without its row, never a row without its file.
    Raises Refused `storage_unavailable`.
    """
    name = f"{secrets.token_hex(16)}.{kind_of(content)}"
    try:
        request.licence.save(name, ContentFile(content), save=False)
    except Exception as error:  # the backends (file system, S3) share no base class for their failures
        log.exception("storage cannot be written: %s", name)
        raise Refused(
            "storage_unavailable", _("The file could not be stored. Choose it again, and send the request once more.")
        ) from error


def forget_licence(request: CertificationRequest) -> None:
    """Delete the scan, in the caller's transaction: the file goes once that is committed. Safe to do twice.

    A broken-off process leaves a file that no row names, never a row whose file is gone.
    """
    storage, path = request.licence.storage, request.licence.name
    request.licence = ""
    request.save(update_fields=["licence"])
    if path:
        transaction.on_commit(lambda: storage.delete(path))


def read_licence(request: CertificationRequest) -> bytes:
    """The file as it was sent. Raises Refused: `not_found` once it was deleted, `storage_unavailable`."""
    if not request.licence:
        raise Refused("not_found", _("The scan of this request is deleted: it is kept no longer."))
    try:
        with request.licence.open() as file:
            content: bytes = file.read()
    except Exception as error:  # as in keep_licence()
        log.exception("storage cannot be read: %s", request.licence.name)
        raise Refused(
            "storage_unavailable", _("The file of this request cannot be read from the storage. Tell the operator.")
        ) from error
    return content
