"""Context processor for the signed-in member."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.access.member_page import get_membership


def signed_in(request: HttpRequest) -> dict[str, Any]:
    """Add `membership`, the visitor's current membership or None. Queried only if a template uses it."""
    return {"membership": SimpleLazyObject(lambda: get_membership(request) if hasattr(request, "user") else None)}
