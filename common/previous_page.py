"""The page that a visitor came from, restricted to this site."""

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def strip_host(address: str) -> str:
    """Return the path and query of a URL of this site."""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def get_return_url(request: HttpRequest, given: str = "") -> str:
    """Return `given` or else the referring page if it belongs to this site, otherwise the home page."""
    url = given or request.headers.get("Referer", "")
    is_own = url_has_allowed_host_and_scheme(url, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return url if is_own else "/"
