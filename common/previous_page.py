"""Where a visitor came from: always a page of this site."""

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def path_of(address: str) -> str:
    """An address of ours without its host."""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def way_back(request: HttpRequest, given: str = "") -> str:
    """The page of ours that the visitor came from (or `given`), never an address elsewhere; else the start."""
    address = given or request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if ours else "/"
