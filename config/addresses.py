"""Whose address a request comes from."""

from ipaddress import ip_address

from django.http import HttpRequest
from rest_framework.throttling import BaseThrottle


def address_of(request: HttpRequest) -> str | None:
    """The address of the connection, or what NUM_PROXIES trusted proxies say of it; None where that is no address."""
    try:
        return str(ip_address(str(BaseThrottle().get_ident(request))))  # type: ignore[arg-type]  # it reads META alone
    except ValueError:
        return None
