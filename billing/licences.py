"""The scan that comes with a request for certification, judged by its content: names and types prove nothing (R11)."""

import logging
import secrets
from io import BytesIO

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from billing.errors import Refused
from billing.models import CertificationRequest

log = logging.getLogger(__name__)
LARGEST_LICENCE = 5 * 1024 * 1024
"""Bytes."""
MOST_PIXELS = 80_000_000
"""Of a picture; a few bytes can stand for more than any computer opens."""
KINDS = {b"%PDF-": "pdf", b"\x89PNG\r\n": "png", b"\xff\xd8\xff": "jpg"}
"""How the files that we take begin → what we call them."""
PICTURES = {"png": PngImageFile, "jpg": JpegImageFile}
PDF_END = b"%%EOF"
NEAR_THE_END = 1024
"""Bytes within which a PDF's end mark stands, as readers look for it."""


def kind_of(content: bytes) -> str | None:
    """ "pdf", "png" or "jpg" by the first bytes; None for anything else."""
    return next((kind for start, kind in KINDS.items() if content.startswith(start)), None)


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
        return "" if PDF_END in content[-NEAR_THE_END:] else _broken()
    return _wrong_picture(content, kind)


def _wrong_picture(content: bytes, kind: str) -> str:
    try:
        with PICTURES[kind](BytesIO(content)) as picture:
            pixels = picture.width * picture.height
            picture.verify()
    except Exception:  # a broken picture raises whatever the part of Pillow raises that trips over it
        return _broken()
    return _("The picture has too many pixels. Send a smaller one.") if pixels > MOST_PIXELS else ""


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
