"""Uploads of files to verify. They stay in memory, for the request only."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest
from django.utils.translation import gettext as _

from common.errors import Refused
from common.normal_forms import normalise_line
from common.request_bodies import discard_body, get_content_length
from contracts.verification.findings import Code, issuer_name

FIELD = "file"
MAX_UPLOAD_MEGABYTES = 20
MAX_UPLOAD_BYTES = MAX_UPLOAD_MEGABYTES * 1024**2
MAX_NAME_CHARS = 64
"""Maximum length of a file's name on the page."""
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


def get_uploaded_file(request: HttpRequest) -> UploadedFile:
    """Return the file in the field FIELD. Raises Refused: `invalid` unless there is exactly one, `too_large`."""
    file = request.FILES.get(FIELD)
    if file is None:
        raise Refused("invalid", _("Choose the file to verify."), pointer=f"/{FIELD}")
    if len(request.FILES.getlist(FIELD)) + len(request.POST.getlist(FIELD)) > 1:
        raise Refused("invalid", _("Send one file at a time."), pointer=f"/{FIELD}")
    if (file.size or 0) > MAX_UPLOAD_BYTES:
        raise _too_large()
    return file


def name_to_show(file: UploadedFile) -> str:
    """Return the file's name on one line, without characters that hide or reorder others, its middle left out if long.

    The end stays, because it has the type.
    """
    name = normalise_line(file.name or "")
    return name if len(name) <= MAX_NAME_CHARS else f"{name[: MAX_NAME_CHARS - 16]}…{name[-15:]}"


def too_large_message() -> str:
    sentence = _("This file is larger than %(limit)d MB. No document of %(issuer)s is that large.")
    return sentence % {"limit": MAX_UPLOAD_MEGABYTES, "issuer": issuer_name()}


def _too_large() -> Refused:
    return Refused(Code.TOO_LARGE, too_large_message(), pointer=f"/{FIELD}")
