"""Leaving a contract: drafts by the customer, official contracts by a void ticket that staff decide (R4, R5, R7)."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from billing.access import Actor
from billing.errors import Refused
from contracts import audit
from contracts.models import AuditEvent, Contract, VoidTicket
from contracts.services import locking
from contracts.services.texts import fitting


@transaction.atomic
def void_draft(*, contract: Contract, by: Actor, reason: str = "") -> Contract:
    """Void a draft and release its orders (R4, R7); returns it read anew.

    Raises Refused `transition_not_allowed` for anything but a draft that is still live.
    """
    by.require_to_act()
    reason = fitting(Contract, "void_reason", reason, pointer="/reason")
    now = timezone.now()
    contract, _ = locking.lock_contract(contract.pk, now=now)
    if contract.status_at == Contract.Status.OFFICIAL:
        raise Refused(
            "transition_not_allowed",
            f"Contract {contract.number} is official. It can only be voided by staff: open a void ticket.",
        )
    _require_status(contract, Contract.Status.DRAFT, "voided")
    contract.void(at=now, reason=reason)
    _save_voided(contract, at=now)
    audit.record([audit.event(contract, AuditEvent.Kind.VOIDED, by=by, at=now)])
    return contract


@transaction.atomic
def request_void(*, contract: Contract, reason: str, by: Actor) -> VoidTicket:
    """Open a ticket that asks staff to void an official contract (R5).

    Raises Refused: `transition_not_allowed` unless official, `ticket_already_open`, `invalid` without a reason.
    """
    by.require_to_act()
    now = timezone.now()
    reason = fitting(VoidTicket, "reason", reason, pointer="/reason")
    if not reason:
        raise Refused("invalid", "Say why the contract is to be voided.", pointer="/reason")
    contract, _ = locking.lock_contract(contract.pk, now=now)
    _require_status(contract, Contract.Status.OFFICIAL, "voided by ticket")
    if locking.lock_open_tickets([contract]):
        raise Refused("ticket_already_open", f"Contract {contract.number} already has an open void ticket.")
    ticket = VoidTicket.objects.create(contract=contract, reason=reason, opened_by_id=by.person, opened_at=now)
    audit.record([audit.event(contract, AuditEvent.Kind.TICKET_OPENED, by=by, at=now, ticket=ticket)])
    return ticket


@transaction.atomic
def approve_void(*, ticket: VoidTicket, by: Actor, note: str = "") -> VoidTicket:
    """Decide a ticket by voiding its contract and releasing the orders (R5, R7); returns it read anew.

    Raises Refused: `permission_denied` for those without the right or who opened it, `transition_not_allowed`
    when it is no longer open or the contract has ended meanwhile.
    """
    note = fitting(VoidTicket, "note", note, pointer="/note")
    now = timezone.now()
    contract, ticket = _lock_for_decision(ticket, by=by, now=now)
    ticket.approve(by_id=by.person, at=now, note=note)
    ticket.save()
    contract.void_by_ticket(at=now, reason=ticket.reason)
    _save_voided(contract, at=now)
    audit.record(
        [
            audit.event(contract, AuditEvent.Kind.TICKET_APPROVED, by=by, at=now, ticket=ticket),
            audit.event(contract, AuditEvent.Kind.VOIDED, by=by, at=now, ticket=ticket),
        ]
    )
    return ticket


@transaction.atomic
def reject_void(*, ticket: VoidTicket, by: Actor, note: str) -> VoidTicket:
    """Decide a ticket by leaving the contract as it is, with a note that the customer reads (R5).

    Raises Refused as `approve_void` does, and `invalid` without a note.
    """
    note = fitting(VoidTicket, "note", note, pointer="/note")
    if not note:
        raise Refused("invalid", "Say why the request is rejected.", pointer="/note")
    now = timezone.now()
    contract, ticket = _lock_for_decision(ticket, by=by, now=now)
    ticket.reject(by_id=by.person, at=now, note=note)
    ticket.save()
    audit.record([audit.event(contract, AuditEvent.Kind.TICKET_REJECTED, by=by, at=now, ticket=ticket)])
    return ticket


def _lock_for_decision(ticket: VoidTicket, *, by: Actor, now: datetime) -> tuple[Contract, VoidTicket]:
    by.require_to_act()
    contract, _ = locking.lock_contract(ticket.contract_id, now=now)
    ticket = VoidTicket.objects.select_for_update().get(pk=ticket.pk)
    if ticket.opened_by_id == by.user_id:
        raise Refused("permission_denied", "Nobody decides a ticket that they opened themselves.")
    if ticket.status != VoidTicket.Status.OPEN:
        raise Refused("transition_not_allowed", f"This ticket was {ticket.get_status_display().lower()} already.")
    _require_status(contract, Contract.Status.OFFICIAL, "voided by ticket")
    return contract, ticket


def _require_status(contract: Contract, status: str, what: str) -> None:
    if contract.status_at != status:
        shown = Contract.Status(contract.status_at).label.lower()
        raise Refused("transition_not_allowed", f"Contract {contract.number} is {shown} and cannot be {what}.")


def _save_voided(contract: Contract, *, at: datetime) -> None:
    contract.save(update_fields=["status", "voided_at", "void_reason"])
    contract.lines.filter(released_at=None).update(released_at=at)
