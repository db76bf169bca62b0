"""Pages that htmx asks a part of. Without JavaScript the same address gives the whole page."""

from django.http import HttpRequest


def part_wanted(request: HttpRequest) -> bool:
    """Whether htmx asks, and so the part alone is to be answered."""
    return bool(getattr(request, "htmx", False))
