"""The client's network address: of one request, and of the request that the current thread is answering."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from ipaddress import IPv6Address, IPv6Network, ip_address

from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

PREFIX_OF_ONE_CLIENT = 64
"""Bits. A provider gives a client at least an IPv6 /64, of which it may use any address (RFC 6177)."""

_current: ContextVar[str | None] = ContextVar("client_address", default=None)


def address_of(request: HttpRequest | Request) -> str | None:
    """Return the address of the connection, or the one that NUM_PROXIES trusted proxies report; None if malformed."""
    try:
        address = ip_address(str(BaseThrottle().get_ident(request)))  # type: ignore[arg-type]  # it reads META alone
    except ValueError:
        return None
    return str((address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address)


def network_of(request: HttpRequest | Request) -> str | None:
    """Return what limits count by: the IPv4 address, or the first address of the IPv6 /64; None if malformed."""
    address = address_of(request)
    if address is None or ":" not in address:
        return address
    bare = address.partition("%")[0]  # a zone is the host's own word
    return str(IPv6Network((bare, PREFIX_OF_ONE_CLIENT), strict=False).network_address)


def current_address() -> str | None:
    """Return the address of the request being answered; None in commands and background tasks."""
    return _current.get()


@contextmanager
def answering(request: HttpRequest) -> Iterator[None]:
    """Make the request's address the current one."""
    token = _current.set(address_of(request))
    try:
        yield
    finally:
        _current.reset(token)
