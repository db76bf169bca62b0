"""Approval of conversions inside the customer: request, withdraw, reject; convert.py approves (R44)."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access.actors import Actor
from accounts.models import Membership
from accounts.notices import notify_members
from common.errors import Refused
from common.texts import validate_text
from common.transactions import in_transaction
from contracts.documents import files as documents
from contracts.models import Approval, AuditEvent, Contract, ContractDocument
from contracts.notifications import emails
from contracts.notifications.emails import email_facts
from contracts.services import locking
from contracts.trail import record as audit
from emails.kinds import EmailKind

Kind = AuditEvent.Kind


@dataclass(frozen=True, slots=True)
class Consent:
    """An approver's consent to a conversion, given with a note."""

    approval_id: int
    note: str


@in_transaction
def request_approval(*, contract: Contract, by: Actor, note: str = "") -> Approval:
    """Ask the account's approvers to approve the conversion of a draft (R44).

    Raises Refused `transition_not_allowed` unless it is a live draft that requires approval and has no open request.
    """
    by.require_to_act()
    message = validate_text(Approval, "message", note, pointer="/note")
    now = timezone.now()
    contract, _orders = locking.lock_contract(contract.pk, now=now)
    facts = {"number": contract.number, "status": Contract.Status(contract.status_at).label.lower()}
    if contract.status_at != Contract.Status.DRAFT:
        raise Refused(
            "transition_not_allowed",
            _("Contract %(number)s is %(status)s; only a draft can be approved.") % facts,
        )
    if not contract.account.requires_approval(contract.total_amount, contract.currency):
        raise Refused("transition_not_allowed", _("Contract %(number)s needs no approval. Convert it.") % facts)
    if locking.lock_requested_approvals([contract]):
        raise Refused("transition_not_allowed", _("Contract %(number)s is already waiting for approval.") % facts)
    approval = Approval.objects.create(
        contract=contract,
        draft_sha256=documents.of_kind(contract, ContractDocument.Kind.DRAFT).sha256,
        message=message,
        requested_by_id=by.person,
        requested_at=max(now, contract.applied_at),
    )
    contract.save(update_fields=["updated_at"])
    audit.record([_event(contract, approval, Kind.APPROVAL_REQUESTED, by=by, at=approval.requested_at)])
    approvers = contract.account.memberships.approving().exclude(user=by.person)
    _notify(emails.APPROVAL_REQUESTED, contract, approval, list(approvers), at=now)
    return approval


@in_transaction
def reject_approval(*, approval: Approval, by: Actor, note: str) -> Approval:
    """Reject a request with a note for the requester. The contract stays a draft.

    Raises Refused like `settle_approval`, and `invalid` without a note.
    """
    note = validate_text(Approval, "note", note, pointer="/note", missing=_("Enter the reason for the rejection."))
    by.require_to_act()
    now = timezone.now()
    contract, _orders = locking.lock_contract(approval.contract_id, now=now)
    approval = Approval.objects.select_for_update().get(pk=approval.pk)
    _require_decidable(contract, approval, by=by)
    at = max(now, approval.requested_at)
    approval.reject(by_id=by.person, at=at, note=note)
    approval.save()
    contract.save(update_fields=["updated_at"])
    audit.record([_event(contract, approval, Kind.APPROVAL_REJECTED, by=by, at=at)])
    _notify_requester(emails.APPROVAL_REJECTED, contract, approval, at=now)
    return approval


@in_transaction
def withdraw_approval(*, approval: Approval, by: Actor) -> Approval:
    """Withdraw a request: its requester or an owner may. Raises Refused `permission_denied` for anyone else."""
    by.require_to_act()
    now = timezone.now()
    contract, _orders = locking.lock_contract(approval.contract_id, now=now)
    approval = Approval.objects.select_for_update().get(pk=approval.pk)
    own = contract.account.memberships.filter(user=by.person)
    if approval.requested_by_id != by.person and not own.filter(role=Membership.Role.OWNER).exists():
        raise Refused(
            "permission_denied", _("Only the person who requested the approval, or an owner, can withdraw it.")
        )
    _require_requested(contract, approval)
    at = max(now, approval.requested_at)
    approval.withdraw(by_id=by.person, at=at)
    approval.save()
    contract.save(update_fields=["updated_at"])
    audit.record([_event(contract, approval, Kind.APPROVAL_WITHDRAWN, by=by, at=at)])
    return approval


def get_requested(contract: Contract) -> Approval:
    """Return the contract's open request. Raises Refused `transition_not_allowed` if there is none."""
    approval = contract.approvals.filter(status=Approval.Status.REQUESTED).select_related("contract").first()
    if approval is None:
        raise Refused(
            "transition_not_allowed",
            _("No approval is requested for contract %(number)s.") % {"number": contract.number},
        )
    return approval


def require_approval(contract: Contract, consent: Consent | None, *, by: Actor) -> None:
    """Raise Refused unless the account lets `by` convert the draft: without approval, or by this consent (R44).

    `approval_required`, `permission_denied` for the requester and for members without the right,
    `transition_not_allowed` for a request that is not open or is about another file.
    """
    if consent:
        _require_decidable(contract, Approval.objects.get(pk=consent.approval_id), by=by)
    elif contract.account.requires_approval(contract.total_amount, contract.currency):
        raise Refused("approval_required", approval_required_message(contract))


def approval_required_message(contract: Contract) -> str:
    return _(
        "Contract %(number)s needs the approval of another member before it becomes official. Request it first."
    ) % {"number": contract.number}


def settle_approval(contract: Contract, consent: Consent | None, *, by: Actor, at: datetime) -> list[AuditEvent]:
    """Approve the request that the consent is about, and lapse a request that was not needed. Return the events.

    The caller has locked the contract and converts it. Raises Refused like `require_approval`.
    """
    require_approval(contract, consent, by=by)
    if consent is None:
        return lapse_approvals([contract], by=by, at=at)
    approval = Approval.objects.select_for_update().get(pk=consent.approval_id)
    at = max(at, approval.requested_at)
    approval.approve(by_id=by.person, at=at, note=consent.note)
    approval.save()
    _notify_requester(emails.APPROVAL_APPROVED, contract, approval, at=at)
    return [_event(contract, approval, Kind.APPROVAL_APPROVED, by=by, at=at)]


def lapse_approvals(contracts: list[Contract], *, by: Actor, at: datetime | None = None) -> list[AuditEvent]:
    """Lapse the open requests of locked contracts that have ended, at `at` or when each became invalid."""
    by_id = {contract.pk: contract for contract in contracts}
    approvals = locking.lock_requested_approvals(contracts)
    events = []
    for approval in approvals:
        contract = by_id[approval.contract_id]
        lapsed_at = max(at or contract.invalid_at or approval.requested_at, approval.requested_at)
        approval.lapse(at=lapsed_at)
        events.append(_event(contract, approval, Kind.APPROVAL_LAPSED, by=by, at=lapsed_at))
    Approval.objects.bulk_update(approvals, ["status", "decided_at"], batch_size=200)
    return events


def _require_decidable(contract: Contract, approval: Approval, *, by: Actor) -> None:
    """Require that `by` may decide the request now. Members and roles are read afresh, for a right may have ended."""
    _require_requested(contract, approval)
    if approval.requested_by_id == by.person:
        raise Refused("permission_denied", _("You requested this approval yourself. Another member must decide."))
    if not contract.account.memberships.approving().filter(user=by.person, user__is_active=True).exists():
        raise Refused("permission_denied", _("You may not approve conversions. Ask an owner of the account."))
    if approval.draft_sha256 != documents.of_kind(contract, ContractDocument.Kind.DRAFT).sha256:
        raise Refused("transition_not_allowed", _("Approval was requested for another file of this draft."))


def _require_requested(contract: Contract, approval: Approval) -> None:
    status = approval.as_of(contract).status
    if approval.contract_id != contract.pk or status != Approval.Status.REQUESTED:
        shown = Approval.Status(status).label.lower()
        raise Refused(
            "transition_not_allowed", _("This request for approval is closed: %(status)s.") % {"status": shown}
        )


def _event(contract: Contract, approval: Approval, kind: AuditEvent.Kind, *, by: Actor, at: datetime) -> AuditEvent:
    return audit.event(contract, kind, by=by, at=at, approval=approval.pk, draft_sha256=approval.draft_sha256)


def _notify_requester(kind: EmailKind, contract: Contract, approval: Approval, *, at: datetime) -> None:
    requester = list(contract.account.memberships.filter(user=approval.requested_by_id))
    _notify(kind, contract, approval, requester, at=at)


def _notify(
    kind: EmailKind, contract: Contract, approval: Approval, members: list[Membership], *, at: datetime
) -> None:
    facts = email_facts(contract, message=approval.message, note=approval.note)
    notify_members(contract.account, members, kind, facts, at=at)
