"""Secrets and signatures as the Standard Webhooks specification has them: HMAC-SHA256, `v1`."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime

from webhooks.models import WebhookEndpoint

PREFIX = "whsec_"
SECRET_BYTES = 32
"""The specification asks for 24 to 64."""


def new_secret() -> str:
    """`whsec_` and the key in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def secrets_of(endpoint: WebhookEndpoint, *, now: datetime) -> list[str]:
    """All that sign at `now` (aware), the newest first: during a rotation receivers may know any of them."""
    retired = [old["secret"] for old in endpoint.retired_secrets if datetime.fromisoformat(old["until"]) > now]
    return [endpoint.secret, *retired]


def headers_of(event_id: str, body: bytes, signed_by: Iterable[str], *, at: datetime) -> dict[str, str]:
    """The three headers of a message sent at `at` (aware); a signature for each secret, separated by spaces."""
    timestamp = str(int(at.timestamp()))
    content = b".".join((event_id.encode(), timestamp.encode(), body))
    signatures = (_signature(secret, content) for secret in signed_by)
    return {"webhook-id": event_id, "webhook-timestamp": timestamp, "webhook-signature": " ".join(signatures)}


def _signature(secret: str, content: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
