"""HTTP responses for files: entity tags, conditional requests and byte ranges (RFC 9110, 13 and 14)."""

import re
from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _

from common.errors import Refused

RANGE = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")


def file_response(
    request: HttpRequest, *, sha256: str, read: Callable[[], bytes], content_type: str, disposition: str
) -> HttpResponse:
    """Return the file, the requested `Range`, or 304 if the client already has it. Caches must not store it.

    `read` is not called for a 304. Raises Refused: `precondition_failed` by `If-Match`, `range_not_satisfiable`, and
    errors of `read`.
    """
    etag = f'"{sha256}"'
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = _content(request, read(), etag)
        response["Content-Type"] = content_type
        response["Content-Disposition"] = disposition
        response["Accept-Ranges"] = "bytes"
    elif response.status_code == HTTPStatus.PRECONDITION_FAILED:
        raise Refused("precondition_failed", _("The file does not match If-Match."))
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _content(request: HttpRequest, content: bytes, etag: str) -> HttpResponse:
    part = _part_of(request, len(content), etag)
    if part is None:
        return HttpResponse(content)
    headers = {"Content-Range": f"bytes {part.start}-{part.stop - 1}/{len(content)}"}
    return HttpResponse(content[part.start : part.stop], status=HTTPStatus.PARTIAL_CONTENT, headers=headers)


def _part_of(request: HttpRequest, size: int, etag: str) -> range | None:
    """Return the requested bytes; None for the whole file. Several or malformed ranges get the whole file."""
    match = RANGE.fullmatch(request.headers.get("Range", "").strip())
    if not match or request.method != "GET" or request.headers.get("If-Range", etag) != etag:
        return None
    first, last = match.groups()
    if not first and not last:
        return None
    if first and last and int(last) < int(first):
        return None
    part = range(int(first), min(int(last or size) + 1, size)) if first else range(max(size - int(last), 0), size)
    if not part:
        detail = _("The file has %(size)d bytes; the range begins after its end.") % {"size": size}
        raise Refused("range_not_satisfiable", detail, headers={"Content-Range": f"bytes */{size}"})
    return part
