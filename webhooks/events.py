"""Create webhook deliveries, one per endpoint, in the transaction of the change they report."""

import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from jobs.queueing import enqueue
from webhooks.models import WebhookDelivery, WebhookEndpoint
from webhooks.tasks import send_webhooks

EndpointsByAccount = Mapping[int, Sequence[WebhookEndpoint]]
"""Account id → its enabled endpoints."""


@dataclass(frozen=True, slots=True)
class Event:
    """A change at `at` (aware) to the record whose number is `subject`, such as an order.

    `data` must be JSON-serialisable and contain no names, addresses or free text of people.
    """

    account_id: int
    type: str
    subject: str
    at: datetime
    data: dict[str, Any]


def find_endpoints_by_account(account_ids: Collection[int]) -> EndpointsByAccount:
    """Return the enabled endpoints of these accounts in one query. Most accounts have none."""
    by_account: dict[int, list[WebhookEndpoint]] = {}
    endpoints = WebhookEndpoint.objects.filter(account__in=set(account_ids), disabled_because="")
    for endpoint in endpoints.select_related("account"):
        by_account.setdefault(endpoint.account_id, []).append(endpoint)
    return by_account


def create_deliveries(events: Sequence[Event], endpoints: EndpointsByAccount, *, send_now: bool) -> None:
    """Create a delivery for each subscribed endpoint in `endpoints`, in the caller's transaction, with one query.

    `send_now` enqueues the sending task after commit. Otherwise the scheduler sends them within a minute: one task per
    batch of a long sweep would occupy the workers.
    """
    now = timezone.now()
    rows = [
        build_delivery(event, endpoint, event_id=event_id, now=now)
        for event, event_id in [(event, new_event_id()) for event in events]
        for endpoint in endpoints.get(event.account_id, ())
        if endpoint.is_subscribed_to(event.type)
    ]
    if rows:
        WebhookDelivery.objects.bulk_create(rows)
        if send_now:
            send_webhooks_after_commit()


def build_delivery(event: Event, endpoint: WebhookEndpoint, *, event_id: str, now: datetime) -> WebhookDelivery:
    """Return an unsaved delivery that is due at `now`. `endpoint.account` must be loaded."""
    body = {
        "type": event.type,
        "timestamp": format_utc_time(event.at),
        "data": {"account": endpoint.account.number, **event.data},
    }
    return WebhookDelivery(
        endpoint=endpoint,
        event_id=event_id,
        type=event.type,
        subject=event.subject,
        body=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        due_at=now,
        queued_at=now,
        created_at=now,
    )


def new_event_id() -> str:
    return f"msg_{secrets.token_hex(16)}"


def format_utc_time(at: datetime | None) -> str | None:
    """Format a time for an event body: ISO 8601 in UTC, with offset."""
    return at.astimezone(UTC).isoformat() if at else None


def send_webhooks_after_commit() -> None:
    """Enqueue the sending task after commit. If the broker is down, only log it: the scheduler sends the deliveries."""
    transaction.on_commit(enqueue_webhooks, robust=True)


def enqueue_webhooks() -> None:
    enqueue(send_webhooks)
