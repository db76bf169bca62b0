"""Canonical form and hash of audit events (R27).

The format must never change: a change would break every existing trail. docs/audit-trail.md describes it for outsiders,
who recompute the hashes without us.
"""

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Protocol


class Chained(Protocol):
    """An audit event with its position in its contract's trail."""

    position: int
    previous: str
    kind: str
    actor_id: int | None
    source: str
    at: datetime
    ticket_id: int | None
    data: Any


def canonical(event: Chained, number: str) -> bytes:
    """Return the canonical JSON of the event, in UTF-8; `number` is the contract's.

    Keys are sorted, without spaces or optional escapes (RFC 8785, for what events hold: strings, integers and lists of
    them). Times are UTC with microseconds.
    """
    members = {
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
    return json.dumps(members, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def digest(event: Chained, number: str) -> str:
    """Return the event's SHA-256 in hex. The contract's next event stores it as `previous`."""
    return sha256(canonical(event, number)).hexdigest()
