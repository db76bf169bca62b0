"""What every template knows of the visitor."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.access.member_page import membership_of


def signed_in(request: HttpRequest) -> dict[str, Any]:
    """`membership`: as whom the visitor acts, falsy for those without; asked of the database only where it is used."""
    return {"membership": SimpleLazyObject(lambda: membership_of(request) if hasattr(request, "user") else None)}
