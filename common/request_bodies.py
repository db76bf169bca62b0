"""Check and discard request bodies before they are parsed."""

from django.http import HttpRequest

MAX_DISCARDED_BYTES = 60 * 1024 * 1024
"""Maximum number of bytes read from a refused request: browsers show no response unless they sent the whole body."""
CHUNK_BYTES = 64 * 1024


def get_content_length(request: HttpRequest) -> int:
    """Return the Content-Length in bytes; 0 if there is none."""
    length = request.META.get("CONTENT_LENGTH") or ""
    return int(length) if length.isdecimal() else 0


def discard_body(request: HttpRequest) -> None:
    """Read and discard the body, up to MAX_DISCARDED_BYTES."""
    left = min(get_content_length(request), MAX_DISCARDED_BYTES)
    while left > 0 and (read := request.read(min(left, CHUNK_BYTES))):
        left -= len(read)
