"""Publish events in the transaction of the change they report: to the feed and to webhook endpoints."""

import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Account
from jobs.queueing import enqueue
from webhooks.models import FeedEvent, WebhookDelivery, WebhookEndpoint
from webhooks.tasks import send_webhooks


@dataclass(frozen=True, slots=True)
class Event:
    """A change at `at` (aware) to the record whose number is `subject`, such as an order.

    `data` must be JSON-serialisable and contain no names, addresses or free text of people.
    """

    account: Account | None
    """None for the test of an integrator's endpoint."""
    type: str
    subject: str
    at: datetime
    data: dict[str, Any]

    def body(self) -> str:
        """Return the message, as endpoints and readers of the feed get it."""
        message = {
            "type": self.type,
            "timestamp": format_utc_time(self.at),
            "data": {
                "account": self.account and self.account.number,
                "test": bool(self.account and self.account.is_test),
                **self.data,
            },
        }
        return json.dumps(message, ensure_ascii=False, separators=(",", ":"))


def publish_events(events: Sequence[Event], *, send_now: bool) -> None:
    """Add events to the feed, and create a delivery for each subscribed endpoint, in the caller's transaction.

    Takes one statement for the feed, one to find endpoints, and one more if there are any. `send_now` enqueues the
    sending task after commit. Otherwise the scheduler sends them within a minute: one task per batch of a long sweep
    would occupy the workers.
    """
    if not events:
        return
    now = timezone.now()
    entries = [_build_entry(event, now=now) for event in events]
    FeedEvent.objects.bulk_create(entries)
    endpoints = _find_endpoints({event.account.pk for event in events if event.account})
    of_all_accounts = endpoints.get(None, [])
    deliveries = [
        build_delivery(event, endpoint, event_id=entry.event_id, body=entry.body, now=now)
        for event, entry in zip(events, entries, strict=True)
        for endpoint in (*endpoints.get(entry.account_id, ()), *of_all_accounts)
        if endpoint.is_subscribed_to(event.type)
    ]
    if deliveries:
        WebhookDelivery.objects.bulk_create(deliveries)
        if send_now:
            send_webhooks_after_commit()


def _build_entry(event: Event, *, now: datetime) -> FeedEvent:
    return FeedEvent(account=event.account, event_id=new_event_id(), type=event.type, body=event.body(), created_at=now)


def _find_endpoints(account_ids: Collection[int]) -> Mapping[int | None, Sequence[WebhookEndpoint]]:
    """Return account id → its enabled endpoints, in one query; integrators' are under None. Most accounts have none."""
    by_account: dict[int | None, list[WebhookEndpoint]] = {}
    of_these = Q(account__in=account_ids) | Q(account=None)
    for endpoint in WebhookEndpoint.objects.filter(of_these, disabled_because=""):
        by_account.setdefault(endpoint.account_id, []).append(endpoint)
    return by_account


def build_delivery(
    event: Event, endpoint: WebhookEndpoint, *, event_id: str, body: str, now: datetime
) -> WebhookDelivery:
    """Return an unsaved delivery that is due at `now`."""
    return WebhookDelivery(
        endpoint=endpoint,
        event_id=event_id,
        type=event.type,
        subject=event.subject,
        body=body,
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
