"""Template context of a contract's back office page: facts, files, current orders, tickets and trail."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contracts.documents.snapshots import printed_code, read_line
from contracts.models import AuditEvent, Contract, ContractDocument, ContractOrder
from orders.models import Order

SOURCES = {
    "page": _("Console"),
    "api": _("API"),
    "admin": _("Back office"),
    "clock": _("Clock"),
    "command": _("Command line"),
}
"""Source of an event → its label."""


@dataclass(frozen=True, slots=True)
class CurrentLine:
    """An order of the contract: the snapshot and its current status."""

    line: ContractOrder
    now: datetime

    @property
    def drafted(self) -> Any:
        return read_line(self.line.snapshot)

    @property
    def status(self) -> Order.Status:
        return Order.Status(self.line.order.status_on(self.now))

    @property
    def undone(self) -> bool:
        """True if it was refunded or cancelled since (R24)."""
        return self.status in Order.ENDED


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    event: AuditEvent
    who: str


def dossier(contract: Contract, *, now: datetime) -> dict[str, Any]:
    """Return the template context. `contract` has the annotations of `with_facts_at`; `now` is aware."""
    lines = contract.lines.select_related("order")
    orders = [CurrentLine(line, now) for line in lines]
    documents = {document.kind: document for document in contract.get_documents()}
    tickets = contract.void_tickets.select_related("opened_by", "decided_by")
    previewed = documents.get(ContractDocument.Kind.OFFICIAL) or documents.get(ContractDocument.Kind.DRAFT)
    return {
        "contract": contract,
        "status": Contract.Status(contract.status_at),
        "orders": orders,
        "undone": [order for order in orders if order.undone and contract.status_at == Contract.Status.OFFICIAL],
        "documents": sorted(documents.values(), key=lambda document: document.pk),
        "shown": previewed,
        "pages": range(1, previewed.pages + 1) if previewed else (),
        "tickets": [ticket.as_of(contract) for ticket in tickets],
        "printed_code": printed_code(contract.verification_code),
        "timeline": timeline(contract.events.all()),
    }


def timeline(events: Iterable[AuditEvent]) -> list[TimelineEntry]:
    """Return the events with the users' names."""
    events = list(events)
    users = get_user_model().objects.in_bulk({event.actor_id for event in events if event.actor_id})
    return [TimelineEntry(event, _who(event, users)) for event in events]


def _who(event: AuditEvent, users: dict[int, Any]) -> str:
    if event.actor_id is None:
        return gettext("automatically")
    user = users.get(event.actor_id)
    name = (user.get_full_name() or user.get_username()) if user else gettext("user %(id)d") % {"id": event.actor_id}
    return f"{name} · {SOURCES[event.source]}"
