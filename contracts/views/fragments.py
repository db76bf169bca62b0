"""htmx requests for a part of a page. Without JavaScript, the same URL returns the whole page."""

from django.http import HttpRequest


def is_htmx(request: HttpRequest) -> bool:
    """Return True if htmx sent the request and only the part is needed."""
    return bool(getattr(request, "htmx", False))
