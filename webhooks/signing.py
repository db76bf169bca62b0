"""Secrets and signatures of webhooks, by the Standard Webhooks specification."""

import base64
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime

from standardwebhooks import Webhook

from webhooks.models import WebhookEndpoint

SECRET_BYTES = 32
"""The specification asks for 24 to 64."""


def new_secret() -> str:
    """Return `whsec_` and a random key in base64."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def secrets_of(endpoint: WebhookEndpoint, *, now: datetime) -> list[str]:
    """Return all secrets that sign at `now` (aware), newest first: during a rotation receivers may have any of them."""
    retired = [old["secret"] for old in endpoint.retired_secrets if datetime.fromisoformat(old["until"]) > now]
    return [endpoint.secret, *retired]


def headers_of(event_id: str, body: str, signed_by: Iterable[str], *, at: datetime) -> dict[str, str]:
    """Return the three headers of a message sent at `at` (aware), with one signature for each secret."""
    at = at.astimezone(UTC)  # standardwebhooks 1.1 reads the time in any other zone as UTC
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(event_id, at, body) for secret in signed_by),
    }
