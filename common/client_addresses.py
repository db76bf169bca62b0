"""Client IP address of a request, and of the request that the current context is handling."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from ipaddress import IPv6Address, IPv6Network, ip_address

from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

IPV6_CLIENT_PREFIX_BITS = 64
"""A provider assigns at least an IPv6 /64 to a client, which may use any address in it (RFC 6177)."""

_current: ContextVar[str | None] = ContextVar("client_address", default=None)


def get_client_address(request: HttpRequest | Request) -> str | None:
    """Return the address of the connection, or the one that NUM_PROXIES trusted proxies report; None if malformed."""
    try:
        address = ip_address(str(BaseThrottle().get_ident(request)))  # type: ignore[arg-type]  # it only reads META
    except ValueError:
        return None
    return str((address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address)


def network_of(request: HttpRequest | Request) -> str | None:
    """Return the key for rate limits: the IPv4 address, or the first address of the IPv6 /64; None if malformed."""
    address = get_client_address(request)
    if address is None or ":" not in address:
        return address
    bare = address.partition("%")[0]  # a zone (%eth0) only has a meaning on its own host
    return str(IPv6Network((bare, IPV6_CLIENT_PREFIX_BITS), strict=False).network_address)


def get_current_client_address() -> str | None:
    """Return the address of the request being handled; None in commands and background tasks."""
    return _current.get()


@contextmanager
def use_client_address(request: HttpRequest) -> Iterator[None]:
    """Set the current client address for the block."""
    token = _current.set(get_client_address(request))
    try:
        yield
    finally:
        _current.reset(token)
