"""The audit trail: written in the transaction of the change it tells of, each event chained to the one before (R27)."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import OuterRef, Subquery

from accounts.access.actors import Actor
from contracts import webhooks
from contracts.models import AuditEvent, Contract, VoidTicket
from contracts.trail import chain

START = 0, ""
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
    """An event to be saved. `data` holds ids, hashes and figures; never names, texts or addresses of people."""
    return AuditEvent(
        contract=contract, ticket=ticket, kind=kind, actor_id=by.user_id, source=by.source, at=at, data=data
    )


def record(events: Iterable[AuditEvent]) -> None:
    """Put events at the ends of their contracts' trails, save them, and tell the accounts' webhook endpoints.

    Three statements whatever their number, and more only where an account has endpoints. In the caller's transaction,
    which holds the locks of these contracts; a contract that begins with one of the events needs none, and its trail
    is not asked for. Were a lock forgotten, the unique position would break the transaction off: no trail ever forks.
    """
    events = list(events)
    known = {event.contract_id for event in events}
    begun = {event.contract_id for event in events if event.kind == AuditEvent.Kind.DRAFTED}
    heads = _heads(known - begun)
    for event in events:
        last, event.previous = heads.get(event.contract_id, START)
        event.position = last + 1
        event.hash = chain.digest(event, event.contract.number)
        heads[event.contract_id] = event.position, event.hash
    AuditEvent.objects.bulk_create(events)
    webhooks.tell(events)


def _heads(contract_ids: Collection[int]) -> dict[int, tuple[int, str]]:
    """Contract id → position and hash of its last event, however long its trail is."""
    if not contract_ids:
        return {}
    contracts = Contract.objects.filter(pk__in=contract_ids).order_by()
    rows = contracts.values_list("pk", *last_event("position", "hash"))
    return {pk: (position, hash_) for pk, position, hash_ in rows if position}


def last_event(*columns: str) -> list[Subquery]:
    """These columns of the last event of each contract of a query, found by index however long its trail is."""
    newest_first = AuditEvent.objects.filter(contract=OuterRef("pk")).order_by("-position")
    return [Subquery(newest_first.values(column)[:1]) for column in columns]
