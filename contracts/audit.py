"""The audit trail: written in the transaction of the change it tells of (R27)."""

from collections.abc import Iterable
from datetime import datetime

from billing.access import Actor
from contracts.models import AuditEvent, Contract, VoidTicket


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
    """Save events in the caller's transaction."""
    AuditEvent.objects.bulk_create(events)
