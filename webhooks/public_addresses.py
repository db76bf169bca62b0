"""Restrict webhooks to public addresses, so that customers cannot make us call our own network (SSRF)."""

import ipaddress
import re
import socket
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from common.errors import Refused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
HOST_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
NUMERIC_LABEL = re.compile(r"[0-9]+|0x[0-9a-f]*")


class ForbiddenAddress(Exception):
    """Raised if the scheme is not allowed or the host has no public address."""


def validate_endpoint_url(text: str) -> str:
    """Return the URL to store for an endpoint. Raises Refused `invalid` at `/url`.

    The host name is not resolved here: addresses are checked at each connection (`resolve_public_addresses`).
    """
    text = text.strip()
    if not text:
        raise _invalid_url(_("Enter the address to send events to."))
    if len(text) > 500 or not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
        raise _invalid_url(_("Use at most 500 ASCII characters, without spaces or backslashes."))
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise _invalid_url(_("This address is not valid. Check the host and the port.")) from error
    if not is_allowed_scheme(parts.scheme):
        raise _invalid_url(_("The address must begin with https://."))
    if parts.username is not None or parts.password is not None:
        raise _invalid_url(_("The address must not contain a user name or password. Check the signature instead."))
    if parts.fragment or text.endswith("#"):
        raise _invalid_url(_("The address must not contain a fragment (#…), because it would not be sent."))
    if port == 0:
        raise _invalid_url(_("This address is not valid. Check the host and the port."))
    _validate_host(parts)
    return text


def resolve_public_addresses(host: str, port: int) -> Iterator[tuple[socket.AddressFamily, tuple]]:
    """Resolve `host` to its public addresses, in the form of `socket.connect`.

    Called for each connection, which uses exactly these addresses, because a name may resolve differently after a check
    (DNS rebinding). Raises OSError if the host has no address, ForbiddenAddress if it has no public one.
    """
    resolved = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    allowed = [
        (family, address) for family, _type, _proto, _name, address in resolved if _is_allowed_address(str(address[0]))
    ]
    if not allowed:
        raise ForbiddenAddress(host)
    yield from dict.fromkeys(allowed)


def is_allowed_scheme(scheme: str) -> bool:
    return scheme == "https" or (scheme == "http" and settings.WEBHOOK_ALLOW_PRIVATE)


def is_public(address: Address) -> bool:
    """Return True for a public unicast address. An IPv6 address with an embedded IPv4 address is judged by that."""
    if isinstance(address, ipaddress.IPv6Address):
        embedded = address.ipv4_mapped or address.sixtofour or _extract_nat64_address(address)
        if embedded:
            return is_public(embedded)
        if address not in GLOBAL_UNICAST:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _extract_nat64_address(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in NAT64 else None


def _is_allowed_address(text: str) -> bool:
    return settings.WEBHOOK_ALLOW_PRIVATE or is_public(ipaddress.ip_address(text.partition("%")[0]))


def _validate_host(parts: SplitResult) -> None:
    """Raise Refused unless the host is a name or an address in its usual notation.

    Other notations (decimal, octal, hexadecimal, shortened) serve to hide an address.
    """
    host = (parts.hostname or "").removesuffix(".")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        labels = host.split(".")
        is_name = all(HOST_LABEL.fullmatch(label) for label in labels) and len(host) <= 253
        if not is_name or NUMERIC_LABEL.fullmatch(labels[-1]):
            raise _invalid_url(_("This address is not valid. Check the host and the port.")) from None
        if len(labels) == 1 and not settings.WEBHOOK_ALLOW_PRIVATE:
            raise _invalid_url(_("The host must be a public one, such as hooks.example.com.")) from None
    else:
        if not _is_allowed_address(str(address)):
            raise _invalid_url(_("The host must be a public one, such as hooks.example.com."))


def _invalid_url(sentence: str) -> Refused:
    return Refused("invalid", sentence, pointer="/url")
