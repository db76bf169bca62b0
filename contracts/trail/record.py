"""Write the audit trail, in the transaction of each change. Each event is chained to the previous one (R27)."""

import re
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import OuterRef, Subquery
from structlog.contextvars import get_contextvars

from accounts.access.actors import Actor
from contracts.models import AuditEvent, Contract, VoidTicket
from contracts.notifications import webhooks
from contracts.trail import chain

RANDOM_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9A-HJKMNP-TV-Z]{26}", re.IGNORECASE)
"""Ids as our log generates them, UUIDs and ULIDs."""
EMPTY_TRAIL = 0, ""
"""Position and hash before the first event of a contract."""


def event(
    contract: Contract,
    kind: AuditEvent.Kind,
    *,
    by: Actor,
    at: datetime,
    ticket: VoidTicket | None = None,
    **data: str | int | list[str],
) -> AuditEvent:
    """Return an unsaved event. `data` holds ids, hashes and figures; never names, texts or addresses of people.

    The id of the current request is added if it is random by its form: callers may choose their own.
    """
    request_id = str(get_contextvars().get("request_id", ""))
    if RANDOM_ID.fullmatch(request_id):
        data["request_id"] = request_id
    return AuditEvent(
        contract=contract, ticket=ticket, kind=kind, actor_id=by.user_id, source=by.source, at=at, data=data
    )


def record(events: Iterable[AuditEvent]) -> None:
    """Append events to their contracts' trails, save them, and publish them to the feed and to webhook endpoints.

    The number of statements does not depend on the number of events. The caller's transaction
    must hold the locks of these contracts. A contract whose first event is among them needs no lock. If a lock were
    missing, the unique position would roll the transaction back, so a trail never forks.
    """
    events = list(events)
    existing = {event.contract_id for event in events}
    new = {event.contract_id for event in events if event.kind == AuditEvent.Kind.DRAFTED}
    heads = _heads(existing - new)
    for event in events:
        last, event.previous = heads.get(event.contract_id, EMPTY_TRAIL)
        event.position = last + 1
        event.hash = chain.digest(event, event.contract.number)
        heads[event.contract_id] = event.position, event.hash
    AuditEvent.objects.bulk_create(events)
    webhooks.publish_audit_events(events)


def _heads(contract_ids: Collection[int]) -> dict[int, tuple[int, str]]:
    """Return contract id → position and hash of its last event, in one query however long the trails are."""
    if not contract_ids:
        return {}
    contracts = Contract.objects.filter(pk__in=contract_ids).order_by()
    rows = contracts.values_list("pk", *last_event("position", "hash"))
    return {pk: (position, hash_) for pk, position, hash_ in rows if position}


def last_event(*columns: str) -> list[Subquery]:
    """Return subqueries of these columns of each contract's last event. They use the index on position."""
    newest_first = AuditEvent.objects.filter(contract=OuterRef("pk")).order_by("-position")
    return [Subquery(newest_first.values(column)[:1]) for column in columns]
