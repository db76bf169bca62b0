"""Timestamps (RFC 3161) from the configured server, each checked before it goes into a file."""

import socket
from typing import Any
from urllib.parse import urlsplit

from asn1crypto import cms
from django.utils.translation import gettext as _
from pyhanko.sign.timestamps import HTTPTimeStamper, TimeStamper, TimestampRequestError
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko.sign.validation.status import TimestampSignatureStatus

from common.circuit_breaker import CircuitBreaker, CircuitOpen
from contracts.sealing.trust import timestamp_context, trust, unless_revoked

TSA_TIMEOUT = 10
"""Seconds, for the whole answer."""
CONNECT_TIMEOUT = 2
SERVER = CircuitBreaker("the timestamp server")


def timestamper(url: str) -> TimeStamper:
    """A client of a timestamp server. It remembers the first certificates it saw: not to be kept for long."""
    return _CarefulTimeStamper(url)


def require_reachable(url: str) -> None:
    """Raise OSError unless the server accepts a connection."""
    parts = urlsplit(url)
    with SERVER.call():
        port = parts.port or (443 if parts.scheme == "https" else 80)
        socket.create_connection((parts.hostname or "", port), timeout=CONNECT_TIMEOUT).close()


class _CarefulTimeStamper(HTTPTimeStamper):
    """Raises TimestampRequestError for whatever is no timestamp of a trusted server for this very request."""

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        self.timeout = TSA_TIMEOUT
        try:
            with SERVER.call():
                token = await super().async_timestamp(message_digest, md_algorithm)
            status = await _status(token, message_digest, md_algorithm)
        except TimestampRequestError as error:
            raise TimestampRequestError(_in_words(error)) from error
        except CircuitOpen as error:
            raise TimestampRequestError(str(error)) from error
        except (SignatureValidationError, OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise TimestampRequestError(_("its answer is no timestamp for this request")) from error
        if not (status.intact and status.valid):
            raise TimestampRequestError(_("its timestamp is false"))
        if status.revocation_details:
            raise TimestampRequestError(_("its certificate was revoked"))
        if not status.trusted:
            raise TimestampRequestError(
                _("its certificate has expired or is not trusted; its root belongs into SEAL_TSA_ROOTS")
            )
        return token


async def _status(token: cms.ContentInfo, message_digest: bytes, md_algorithm: str) -> TimestampSignatureStatus:
    def expected(algorithm: str) -> bytes:
        return message_digest if algorithm == md_algorithm else b""

    trusted = trust()
    fields: dict[str, Any] = await validate_tst_signed_data(token["content"], timestamp_context(trusted), expected)
    return unless_revoked(TimestampSignatureStatus(**fields), trusted.crls)


def _in_words(error: TimestampRequestError) -> str:
    """pyHanko says where it failed; the cause below it says why."""
    cause = error.__cause__
    return f"{error}: {cause}" if cause and str(cause) else str(error)
