"""Where webhooks may go: public addresses alone, or a customer could have us ask our own network."""

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
LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


class Barred(Exception):
    """Not by `https`, or the host is known and every address of it is one of our own or nobody's."""


def checked_url(text: str) -> str:
    """The URL of an endpoint as it is kept. Raises Refused `invalid` at `/url`.

    It may still lead anywhere: a name means what it means when it is connected to (`addresses_of`).
    """
    text = text.strip()
    if not text:
        raise _wrong(_("Give the address that events are sent to."))
    if len(text) > 500 or not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
        raise _wrong(_("An address holds at most 500 characters of ASCII, and no spaces or backslashes."))
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise _wrong(_("This is no address: check the host and the port.")) from error
    if not may_use(parts.scheme):
        raise _wrong(_("The address must begin with https://."))
    if parts.username is not None or parts.password is not None:
        raise _wrong(_("The address must hold no user name or password. Check the signature instead."))
    if parts.fragment or text.endswith("#"):
        raise _wrong(_("The address must hold no fragment (#…): it would not be sent."))
    if port == 0:
        raise _wrong(_("This is no address: check the host and the port."))
    _require_sound_host(parts)
    return text


def addresses_of(host: str, port: int) -> Iterator[tuple[socket.AddressFamily, tuple]]:
    """The addresses that `host` may be connected to at, as `socket.connect` takes them.

    Asked at each connection, which is then made to exactly these: what a name means may change between a check and
    the next question. Raises OSError where it has none, Barred where it has no public one.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    allowed = [(family, address) for family, _type, _proto, _name, address in found if _may_connect(str(address[0]))]
    if not allowed:
        raise Barred(host)
    yield from dict.fromkeys(allowed)


def may_use(scheme: str) -> bool:
    return scheme == "https" or (scheme == "http" and settings.WEBHOOK_ALLOW_PRIVATE)


def is_public(address: Address) -> bool:
    """Whether it belongs to somebody on the internet. Addresses that carry one of IPv4 are what that one is."""
    if isinstance(address, ipaddress.IPv6Address):
        carried = address.ipv4_mapped or address.sixtofour or _behind_nat64(address)
        if carried:
            return is_public(carried)
        if address not in GLOBAL_UNICAST:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _behind_nat64(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in NAT64 else None


def _may_connect(text: str) -> bool:
    return settings.WEBHOOK_ALLOW_PRIVATE or is_public(ipaddress.ip_address(text.partition("%")[0]))


def _require_sound_host(parts: SplitResult) -> None:
    """Raises Refused for a host that is no name and no address as they are usually written.

    Other ways to write a number (decimal, octal, hexadecimal, shortened) are for hiding what it is.
    """
    host = (parts.hostname or "").removesuffix(".")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        labels = host.split(".")
        sound = all(LABEL.fullmatch(label) for label in labels) and len(host) <= 253
        if not sound or NUMBER.fullmatch(labels[-1]):
            raise _wrong(_("This is no address: check the host and the port.")) from None
        if len(labels) == 1 and not settings.WEBHOOK_ALLOW_PRIVATE:
            raise _wrong(_("The host must be a public one, such as hooks.example.com.")) from None
    else:
        if not _may_connect(str(address)):
            raise _wrong(_("The host must be a public one, such as hooks.example.com."))


def _wrong(sentence: str) -> Refused:
    return Refused("invalid", sentence, pointer="/url")
