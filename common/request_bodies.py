"""The bodies of requests, by what they say of themselves, before anything reads them."""

from django.http import HttpRequest

READ_AND_LEFT = 60 * 1024 * 1024
"""Bytes of a refused request that are still read: a browser shows no answer to what it could not send."""
PIECE = 64 * 1024


def length_of(request: HttpRequest) -> int:
    """Bytes that the request says its body has; 0 where it says nothing."""
    said = request.META.get("CONTENT_LENGTH") or ""
    return int(said) if said.isdecimal() else 0


def leave(request: HttpRequest) -> None:
    """Reads what is sent, within reason, and keeps none of it."""
    left = min(length_of(request), READ_AND_LEFT)
    while left > 0 and (read := request.read(min(left, PIECE))):
        left -= len(read)
