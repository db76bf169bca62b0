"""All that staff see of one contract: its facts, files, orders as they are now, tickets and trail."""

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
"""From where an event came → what it is called."""


@dataclass(frozen=True, slots=True)
class LineNow:
    """One order of the contract: as drafted, and its payment state at this moment."""

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
        """Refunded or cancelled since (R24)."""
        return self.status in Order.ENDED


@dataclass(frozen=True, slots=True)
class Happening:
    event: AuditEvent
    who: str


def dossier(contract: Contract, *, now: datetime) -> dict[str, Any]:
    """For templates. `contract` carries the facts of `ContractQuerySet.with_facts_at`; now is aware."""
    lines = contract.lines.select_related("order")
    orders = [LineNow(line, now) for line in lines]
    documents = {document.kind: document for document in contract.documents.all()}
    tickets = contract.void_tickets.select_related("opened_by", "decided_by")
    shown = documents.get(ContractDocument.Kind.OFFICIAL) or documents.get(ContractDocument.Kind.DRAFT)
    return {
        "contract": contract,
        "status": Contract.Status(contract.status_at),
        "orders": orders,
        "undone": [order for order in orders if order.undone and contract.status_at == Contract.Status.OFFICIAL],
        "documents": sorted(documents.values(), key=lambda document: document.pk),
        "shown": shown,
        "pages": range(1, shown.pages + 1) if shown else (),
        "tickets": [ticket.as_of(contract) for ticket in tickets],
        "printed_code": printed_code(contract.verification_code),
        "happenings": happenings(contract.events.all()),
    }


def happenings(events: Iterable[AuditEvent]) -> list[Happening]:
    """The trail with names put to ids: staff see who it was."""
    events = list(events)
    users = get_user_model().objects.in_bulk({event.actor_id for event in events if event.actor_id})
    return [Happening(event, _who(event, users)) for event in events]


def _who(event: AuditEvent, users: dict[int, Any]) -> str:
    if event.actor_id is None:
        return gettext("by itself")
    user = users.get(event.actor_id)
    name = (user.get_full_name() or user.get_username()) if user else gettext("user %(id)d") % {"id": event.actor_id}
    return f"{name} · {SOURCES[event.source]}"
