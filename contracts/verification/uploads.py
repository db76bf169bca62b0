"""Uploads of files to verify. They stay in memory, for the request only."""

from typing import Any

from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest
from django.utils.translation import gettext as _

from common.errors import Refused
from common.request_bodies import discard_body, get_content_length
from contracts.verification.findings import Code, finding

FIELD = "file"
MAX_UPLOAD_BYTES = 20 * 1024 * 1024
"""Maximum upload size in bytes."""
_FORM_OVERHEAD_BYTES = 64 * 1024
"""Bytes of the form around its file."""


class _InMemory(MemoryFileUploadHandler):
    """Keeps files of any size in memory. Django's own handler leaves larger ones to the disk."""

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        self.activated = True


def prepare_upload(request: HttpRequest) -> None:
    """Prepare the request for an upload, before its body is read. Raises Refused `too_large` by Content-Length."""
    if get_content_length(request) > MAX_UPLOAD_BYTES + _FORM_OVERHEAD_BYTES:
        discard_body(request)
        raise _too_large()
    request.upload_handlers = [_InMemory(request)]


def get_uploaded_file(request: HttpRequest) -> bytes:
    """Return the content of the field FIELD. Raises Refused: `invalid` if there is none, `too_large`."""
    file = request.FILES.get(FIELD)
    if file is None:
        raise Refused("invalid", _("Choose the file to verify."), pointer=f"/{FIELD}")
    if (file.size or 0) > MAX_UPLOAD_BYTES:
        raise _too_large()
    return file.read()


def _too_large() -> Refused:
    return Refused("too_large", finding(Code.TOO_LARGE).detail, pointer=f"/{FIELD}")
