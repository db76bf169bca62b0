"""Void contracts: drafts directly, official contracts by a void ticket that staff decide (R4, R5, R7)."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access.actors import Actor
from accounts.notices import notify
from common.errors import Refused
from common.texts import validate_text
from common.tracing import traced
from common.transactions import in_transaction
from contracts.documents import files as documents
from contracts.documents.void_certificates import sealed_certificate
from contracts.health.seal_check import server_failures_recorded
from contracts.models import AuditEvent, Contract, ContractDocument, VoidTicket
from contracts.notifications import emails
from contracts.notifications.emails import email_facts
from contracts.sealing.levels import SealLevel
from contracts.services import locking
from contracts.services.approvals import lapse_approvals
from contracts.trail import record as audit
from emails.kinds import EmailKind


@in_transaction
def void_draft(*, contract: Contract, by: Actor, reason: str = "") -> Contract:
    """Void a draft and release its orders (R4, R7). Return the reloaded contract.

    Raises Refused `transition_not_allowed` unless the contract is a live draft.
    """
    by.require_to_act()
    reason = validate_text(Contract, "void_reason", reason, pointer="/reason")
    now = timezone.now()
    contract, _orders = locking.lock_contract(contract.pk, now=now)
    if contract.status_at == Contract.Status.OFFICIAL:
        raise Refused(
            "transition_not_allowed",
            _("Contract %(number)s is official. Only our staff can void it: request it with a void ticket.")
            % {"number": contract.number},
        )
    _require_status(contract, Contract.Status.DRAFT, _("Contract %(number)s is %(status)s and cannot be voided."))
    contract.void(at=now, reason=reason)
    _save_voided(contract, at=now)
    lapsed = lapse_approvals([contract], by=by, at=now)
    audit.record([*lapsed, audit.event(contract, AuditEvent.Kind.VOIDED, by=by, at=now)])
    return contract


@in_transaction
def request_void(*, contract: Contract, reason: str, by: Actor) -> VoidTicket:
    """Open a ticket to void an official contract (R5).

    Raises Refused: `transition_not_allowed` unless official, `ticket_already_open`, `invalid` without a reason.
    """
    by.require_to_act()
    now = timezone.now()
    missing = _("Enter the reason for voiding the contract.")
    reason = validate_text(VoidTicket, "reason", reason, pointer="/reason", missing=missing)
    contract, _orders = locking.lock_contract(contract.pk, now=now)
    _require_official(contract)
    if locking.lock_open_tickets([contract]):
        raise Refused(
            "ticket_already_open",
            _("Contract %(number)s already has an open void ticket.") % {"number": contract.number},
        )
    ticket = VoidTicket.objects.create(contract=contract, reason=reason, opened_by_id=by.person, opened_at=now)
    contract.save(update_fields=["updated_at"])
    audit.record([audit.event(contract, AuditEvent.Kind.TICKET_OPENED, by=by, at=now, ticket=ticket)])
    _notify(emails.TICKET_OPENED, contract, ticket, at=now)
    return ticket


@traced
def approve_void(*, ticket: VoidTicket, by: Actor, note: str = "") -> VoidTicket:
    """Approve a ticket: void its contract and release the orders (R5, R7). Return the reloaded ticket.

    The void certificate is sealed first, without locks, for the time at which the contract is then voided. A short
    transaction locks, repeats all checks, and changes contract, ticket, orders, events and certificate together. Raises
    Refused: `permission_denied` without the permission, for the user who opened the ticket and where it takes two
    people (R45), `transition_not_allowed` if the ticket is no longer open or the contract has ended,
    `seal_unavailable`, `storage_unavailable`.
    """
    by.require_to_act()
    by.require_second_person()
    note = validate_text(VoidTicket, "note", note, pointer="/note")
    now = timezone.now()
    ticket = VoidTicket.objects.get(pk=ticket.pk)
    contract = Contract.objects.with_status_at(now).select_related("account").get(pk=ticket.contract_id)
    _require_decidable(contract, ticket, by=by)
    at = max(now, contract.official_at or now, ticket.opened_at)  # another host's clock may be ahead
    with server_failures_recorded():
        certificate, level = sealed_certificate(contract, ticket, by=by, at=at)
    return _void_by_ticket(ticket, certificate, level, note=note, by=by, at=at)


@in_transaction
def _void_by_ticket(
    ticket: VoidTicket, certificate: bytes, level: SealLevel, *, note: str, by: Actor, at: datetime
) -> VoidTicket:
    contract, ticket = _lock_for_decision(ticket, by=by, now=timezone.now())
    ticket.approve(by_id=by.person, at=at, note=note)
    ticket.save()
    contract.void_by_ticket(at=at, reason=ticket.reason)
    _save_voided(contract, at=at)
    document = documents.store(contract, ContractDocument.Kind.VOID_CERTIFICATE, certificate, at=at, level=level)
    approved = audit.event(contract, AuditEvent.Kind.TICKET_APPROVED, by=by, at=at, ticket=ticket)
    facts = documents.facts_of(document)
    voided = audit.event(contract, AuditEvent.Kind.VOIDED, by=by, at=at, ticket=ticket, **facts)
    audit.record([approved, voided])
    _notify(emails.TICKET_APPROVED, contract, ticket, at=at)
    return ticket


@in_transaction
def reject_void(*, ticket: VoidTicket, by: Actor, note: str) -> VoidTicket:
    """Reject a ticket with a note for the customer. The contract stays in force (R5).

    Raises Refused like `approve_void`, and `invalid` without a note.
    """
    note = validate_text(VoidTicket, "note", note, pointer="/note", missing=_("Enter the reason for the rejection."))
    now = timezone.now()
    contract, ticket = _lock_for_decision(ticket, by=by, now=now)
    ticket.reject(by_id=by.person, at=now, note=note)
    ticket.save()
    contract.save(update_fields=["updated_at"])
    audit.record([audit.event(contract, AuditEvent.Kind.TICKET_REJECTED, by=by, at=now, ticket=ticket)])
    _notify(emails.TICKET_REJECTED, contract, ticket, at=now)
    return ticket


def _lock_for_decision(ticket: VoidTicket, *, by: Actor, now: datetime) -> tuple[Contract, VoidTicket]:
    by.require_to_act()
    contract, _orders = locking.lock_contract(ticket.contract_id, now=now)
    ticket = VoidTicket.objects.select_for_update().get(pk=ticket.pk)
    _require_decidable(contract, ticket, by=by)
    return contract, ticket


def _require_decidable(contract: Contract, ticket: VoidTicket, *, by: Actor) -> None:
    """Require that the ticket can be decided. `contract` has the annotation `status_at`."""
    by.require_no_conflict(account_id=contract.account_id, asked_by=ticket.opened_by_id)
    if ticket.status != VoidTicket.Status.OPEN:
        raise Refused(
            "transition_not_allowed",
            _("This ticket has already been %(status)s.") % {"status": ticket.get_status_display().lower()},
        )
    _require_official(contract)


def _notify(kind: EmailKind, contract: Contract, ticket: VoidTicket, *, at: datetime) -> None:
    facts = email_facts(contract, ticket=str(ticket.pk), reason=ticket.reason, note=ticket.note)
    notify(contract.account, kind, facts, at=at)


def _require_official(contract: Contract) -> None:
    sentence = _("Contract %(number)s is %(status)s and cannot be voided by ticket.")
    _require_status(contract, Contract.Status.OFFICIAL, sentence)


def _require_status(contract: Contract, status: str, sentence: str) -> None:
    """Refuse any other status with `sentence`, formatted with the contract's number and status."""
    if contract.status_at != status:
        shown = Contract.Status(contract.status_at).label.lower()
        raise Refused("transition_not_allowed", sentence % {"number": contract.number, "status": shown})


def _save_voided(contract: Contract, *, at: datetime) -> None:
    contract.save(update_fields=["status", "voided_at", "void_reason", "updated_at"])
    contract.lines.filter(released_at=None).update(released_at=at)
