"""Webhook events of contracts and void tickets: ids and facts as in the API, and no personal data."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.money import plain_amount
from contracts.models import AuditEvent, Contract, VoidTicket
from orders.models import Order
from webhooks.events import Event, format_utc_time, publish_events


class EventType(models.TextChoices):
    """Event types of contracts and void tickets."""

    CONTRACT_DRAFTED = "contract.drafted", _("Draft created")
    CONTRACT_OFFICIAL = "contract.official", _("Contract became official")
    CONTRACT_VOIDED = "contract.voided", _("Contract voided")
    CONTRACT_INVALID = "contract.invalid", _("Contract became invalid")
    CONTRACT_FLAGGED = "contract.flagged", _("Order of an official contract refunded or cancelled")
    APPROVAL_REQUESTED = "contract.approval_requested", _("Approval requested")
    APPROVAL_DECIDED = "contract.approval_decided", _("Request for approval decided, withdrawn or lapsed")
    VOID_TICKET_OPENED = "void_ticket.opened", _("Void requested")
    VOID_TICKET_DECIDED = "void_ticket.decided", _("Void request approved, rejected or lapsed")


Kind = AuditEvent.Kind
EVENT_TYPES = {
    Kind.DRAFTED: EventType.CONTRACT_DRAFTED,
    Kind.CONVERTED: EventType.CONTRACT_OFFICIAL,
    Kind.VOIDED: EventType.CONTRACT_VOIDED,
    Kind.INVALIDATED: EventType.CONTRACT_INVALID,
    Kind.APPROVAL_REQUESTED: EventType.APPROVAL_REQUESTED,
    Kind.APPROVAL_APPROVED: EventType.APPROVAL_DECIDED,
    Kind.APPROVAL_REJECTED: EventType.APPROVAL_DECIDED,
    Kind.APPROVAL_WITHDRAWN: EventType.APPROVAL_DECIDED,
    Kind.APPROVAL_LAPSED: EventType.APPROVAL_DECIDED,
    Kind.TICKET_OPENED: EventType.VOID_TICKET_OPENED,
    Kind.TICKET_APPROVED: EventType.VOID_TICKET_DECIDED,
    Kind.TICKET_REJECTED: EventType.VOID_TICKET_DECIDED,
    Kind.TICKET_LAPSED: EventType.VOID_TICKET_DECIDED,
}
"""Audit events that are sent. Remark edits are private to the customer."""
TIMES = ("applied_at", "official_at", "voided_at", "invalid_at", "valid_from", "valid_until", "expires_at")


def publish_audit_events(events: Sequence[AuditEvent]) -> None:
    """Publish these audit events, in the transaction that writes them.

    The events' contracts and tickets must be current and locked, and the contracts' accounts loaded.
    """
    sent = [event for event in events if event.kind in EVENT_TYPES]
    _read_order_numbers({event.contract_id: event.contract for event in sent})
    by_people = any(event.actor_id is not None for event in sent)
    publish_events([_webhook_event(event) for event in sent], send_now=by_people)


def publish_flagged(contracts: Mapping[Contract, Sequence[Order]], *, at: datetime) -> None:
    """Publish which of their orders official contracts have just lost (R24), in the transaction that ended the orders.

    The contracts' accounts must be loaded.
    """
    events = [
        Event(
            contract.account,
            EventType.CONTRACT_FLAGGED,
            contract.number,
            at,
            {
                "contract": _contract(contract),
                "ended_orders": [{"number": order.number, "status": order.status} for order in orders],
            },
        )
        for contract, orders in contracts.items()
    ]
    publish_events(events, send_now=True)


def _webhook_event(event: AuditEvent) -> Event:
    contract = event.contract
    data = {"contract": _contract(contract)} | ({"void_ticket": _ticket(event.ticket)} if event.ticket else {})
    if "approval" in event.data:
        status = Kind(event.kind).removeprefix("approval_")
        data["approval"] = {"status": status, "draft_sha256": event.data["draft_sha256"]}
    return Event(contract.account, EVENT_TYPES[Kind(event.kind)], contract.number, event.at, data)


def _contract(contract: Contract) -> dict[str, Any]:
    return {
        "number": contract.number,
        "type": contract.type,
        "status": contract.status,
        "order_numbers": contract.order_numbers,
        "total_amount": plain_amount(contract.total_amount, contract.currency),
        "currency": contract.currency,
        **{name: format_utc_time(getattr(contract, name)) for name in TIMES},
    }


def _ticket(ticket: VoidTicket) -> dict[str, Any]:
    return {
        "id": ticket.pk,
        "status": ticket.status,
        "opened_at": format_utc_time(ticket.opened_at),
        "decided_at": format_utc_time(ticket.decided_at),
    }


def _read_order_numbers(contracts: dict[int, Contract]) -> None:
    """Read deferred order numbers in one statement."""
    deferred = [pk for pk, contract in contracts.items() if "order_numbers" in contract.get_deferred_fields()]
    if deferred:
        for pk, numbers in Contract.objects.filter(pk__in=deferred).order_by().values_list("pk", "order_numbers"):
            contracts[pk].order_numbers = numbers
