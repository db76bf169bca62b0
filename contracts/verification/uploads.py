"""A file that somebody sends to be verified: held in memory for the length of the request, and nowhere else."""

from typing import Any

from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest
from django.utils.translation import gettext as _

from common.errors import Refused
from common.request_bodies import discard_body, get_content_length
from contracts.verification.files import MAX_SIZE
from contracts.verification.findings import Code, finding

FIELD = "file"
_ROOM = 64 * 1024
"""Bytes that the form takes around its file."""


class _InMemory(MemoryFileUploadHandler):
    """Django's own takes small files only; larger ones would be written to the disk."""

    def handle_raw_input(self, *given: Any, **named: Any) -> None:
        self.activated = True


def prepare(request: HttpRequest) -> None:
    """To be called before anything reads the body. Raises Refused `too_large` by what the request says of itself."""
    if get_content_length(request) > MAX_SIZE + _ROOM:
        discard_body(request)
        raise _too_large()
    request.upload_handlers = [_InMemory(request)]


def uploaded(request: HttpRequest) -> bytes:
    """The file in the field FIELD. Raises Refused: `invalid` where there is none, `too_large`."""
    file = request.FILES.get(FIELD)
    if file is None:
        raise Refused("invalid", _("Choose the file that is to be verified."), pointer=f"/{FIELD}")
    if (file.size or 0) > MAX_SIZE:
        raise _too_large()
    return file.read()


def _too_large() -> Refused:
    return Refused("too_large", finding(Code.TOO_LARGE).detail, pointer=f"/{FIELD}")
