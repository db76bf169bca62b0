"""What is told to endpoints: a row for each endpoint, in the transaction of what it tells of."""

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

Listeners = Mapping[int, Sequence[WebhookEndpoint]]
"""Account id → its endpoints that take events."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at `at` (aware) to what `subject` names: a contract's number, or an order's.

    `data` is JSON of ids and facts: no names, texts or addresses of people.
    """

    account_id: int
    type: str
    subject: str
    at: datetime
    data: dict[str, Any]


def listeners(account_ids: Collection[int]) -> Listeners:
    """Those of these accounts that have endpoints, which few have: one statement for any number of accounts."""
    found: dict[int, list[WebhookEndpoint]] = {}
    endpoints = WebhookEndpoint.objects.filter(account__in=set(account_ids), disabled_because="")
    for endpoint in endpoints.select_related("account"):
        found.setdefault(endpoint.account_id, []).append(endpoint)
    return found


def announce(events: Sequence[Event], to: Listeners, *, soon: bool) -> None:
    """Write the events for those of the `listeners` that hear them, in the caller's transaction: one statement.

    `soon` has a task send them after commit. Without, the clock's own does within a minute: a message to the broker
    for each batch of a long sweep would keep the workers with webhooks, and the clock waiting.
    """
    now = timezone.now()
    rows = [
        delivery_of(event, endpoint, event_id=event_id, now=now)
        for event, event_id in [(event, new_event_id()) for event in events]
        for endpoint in to.get(event.account_id, ())
        if endpoint.hears(event.type)
    ]
    if rows:
        WebhookDelivery.objects.bulk_create(rows)
        if soon:
            send_after_commit()


def delivery_of(event: Event, endpoint: WebhookEndpoint, *, event_id: str, now: datetime) -> WebhookDelivery:
    """A delivery that is due at `now`, not saved. `endpoint` has its account."""
    body = {
        "type": event.type,
        "timestamp": time_of(event.at),
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


def time_of(at: datetime | None) -> str | None:
    """As bodies give times: ISO 8601 in UTC, with its offset."""
    return at.astimezone(UTC).isoformat() if at else None


def send_after_commit() -> None:
    """A broker that is down is logged and no error: the clock finds the rows."""
    transaction.on_commit(enqueue_webhooks, robust=True)


def enqueue_webhooks() -> None:
    enqueue(send_webhooks)
