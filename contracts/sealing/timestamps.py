"""Timestamps (RFC 3161) from the configured server. Each is checked before it is embedded."""

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
"""Seconds for the whole response."""
CONNECT_TIMEOUT = 2
SERVER = CircuitBreaker("the timestamp server")


def timestamper(url: str) -> TimeStamper:
    """Return a client of a timestamp server. It caches the server's certificates, so do not keep it for long."""
    return _ValidatingTimeStamper(url)


def require_reachable(url: str) -> None:
    """Raise OSError if the server does not accept connections."""
    parts = urlsplit(url)
    with SERVER.call():
        port = parts.port or (443 if parts.scheme == "https" else 80)
        socket.create_connection((parts.hostname or "", port), timeout=CONNECT_TIMEOUT).close()


class _ValidatingTimeStamper(HTTPTimeStamper):
    """Raises TimestampRequestError unless the response is a trusted server's timestamp for this request."""

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        self.timeout = TSA_TIMEOUT
        try:
            with SERVER.call():
                token = await super().async_timestamp(message_digest, md_algorithm)
            status = await _status(token, message_digest, md_algorithm)
        except TimestampRequestError as error:
            raise TimestampRequestError(_describe(error)) from error
        except CircuitOpen as error:
            raise TimestampRequestError(str(error)) from error
        except (SignatureValidationError, OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise TimestampRequestError(_("its response is not a timestamp for this request")) from error
        if not (status.intact and status.valid):
            raise TimestampRequestError(_("its timestamp is invalid"))
        if status.revocation_details:
            raise TimestampRequestError(_("its certificate was revoked"))
        if not status.trusted:
            raise TimestampRequestError(
                _("its certificate has expired or is not trusted; add its root to SEAL_TSA_ROOTS")
            )
        return token


async def _status(token: cms.ContentInfo, message_digest: bytes, md_algorithm: str) -> TimestampSignatureStatus:
    def expected(algorithm: str) -> bytes:
        return message_digest if algorithm == md_algorithm else b""

    trusted = trust()
    fields: dict[str, Any] = await validate_tst_signed_data(token["content"], timestamp_context(trusted), expected)
    return unless_revoked(TimestampSignatureStatus(**fields), trusted.crls)


def _describe(error: TimestampRequestError) -> str:
    """Return the message with its cause: pyHanko's own message only says where it failed."""
    cause = error.__cause__
    return f"{error}: {cause}" if cause and str(cause) else str(error)
