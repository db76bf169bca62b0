"""What the hash of an audit event is taken over (R27): a format for ever, for a change here would break every trail.

docs/audit-trail.md tells it to strangers, who recompute it without us.
"""

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Protocol


class Chained(Protocol):
    """An audit event that has its place in the trail of its contract."""

    position: int
    previous: str
    kind: str
    actor_id: int | None
    source: str
    at: datetime
    ticket_id: int | None
    data: Any


def canonical(event: Chained, number: str) -> bytes:
    """An event of the contract of this number as JSON in UTF-8, of which there is one form alone.

    Keys in alphabetical order, no spaces, no escapes but those that JSON demands (RFC 8785 for what events hold: text,
    whole numbers and lists of these); times in UTC with microseconds.
    """
    told = {
        "actor": event.actor_id,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "contract": number,
        "data": event.data,
        "kind": event.kind,
        "position": event.position,
        "previous": event.previous,
        "source": event.source,
        "ticket": event.ticket_id,
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def digest(event: Chained, number: str) -> str:
    """The SHA-256 of an event, in hex: the next event of the contract holds it as `previous`."""
    return sha256(canonical(event, number)).hexdigest()
