"""Check a contract's audit trail, and that status, documents and void tickets are as the trail records them (R27)."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contracts.documents import files as documents
from contracts.models import Approval, AuditEvent, Contract, ContractDocument, VoidTicket
from contracts.trail import chain
from contracts.trail.check_result import CheckResult

Kind = ContractDocument.Kind
Event = AuditEvent.Kind
Ticket = VoidTicket.Status
RECORDED_BY = {Kind.DRAFT: Event.DRAFTED, Kind.OFFICIAL: Event.CONVERTED, Kind.VOID_CERTIFICATE: Event.VOIDED}
"""Kind of document → the kind of event that registers it."""
DECIDED_BY = {
    Event.TICKET_APPROVED: Ticket.APPROVED,
    Event.TICKET_REJECTED: Ticket.REJECTED,
    Event.TICKET_LAPSED: Ticket.LAPSED,
}
"""Kind of event → status of the ticket after it."""
APPROVAL_AFTER = {
    Event.APPROVAL_APPROVED: Approval.Status.APPROVED,
    Event.APPROVAL_REJECTED: Approval.Status.REJECTED,
    Event.APPROVAL_WITHDRAWN: Approval.Status.WITHDRAWN,
    Event.APPROVAL_LAPSED: Approval.Status.LAPSED,
}
"""Kind of event → status of the request for approval after it."""
STATUS_AFTER = {
    Event.VOIDED: Contract.Status.VOIDED,
    Event.INVALIDATED: Contract.Status.INVALID,
    Event.CONVERTED: Contract.Status.OFFICIAL,
    Event.DRAFTED: Contract.Status.DRAFT,
}
"""Kind of event → status of the contract after it, the last one first."""
TICKET_FACTS = ("status", "opened_by_id", "opened_at", "decided_by_id", "decided_at")
APPROVAL_FACTS = ("status", "draft_sha256", "requested_by_id", "requested_at", "decided_by_id", "decided_at")
LABELS = {
    "sha256": "SHA-256",
    "size": gettext_lazy("size"),
    "pages": gettext_lazy("pages"),
    "level": gettext_lazy("seal level"),
    "created_at": gettext_lazy("registered at"),
    "status": gettext_lazy("status"),
    "opened_by_id": gettext_lazy("opened by"),
    "opened_at": gettext_lazy("opened at"),
    "draft_sha256": gettext_lazy("SHA-256 of the draft"),
    "requested_by_id": gettext_lazy("requested by"),
    "requested_at": gettext_lazy("requested at"),
    "decided_by_id": gettext_lazy("decided by"),
    "decided_at": gettext_lazy("decided at"),
}


def check_trail(contract: Contract) -> Iterator[CheckResult]:
    """Yield the results of all checks here. The rows are prefetched."""
    yield from _chain(contract)
    yield from _status(contract)
    yield from _documents(contract)
    yield from _tickets(contract)
    yield from _approvals(contract)


def _chain(contract: Contract) -> Iterator[CheckResult]:
    """Check that no event was changed, and that none is missing before the last (R27)."""
    previous, wrong = "", ""
    for position, event in enumerate(sorted(contract.events.all(), key=lambda one: one.position), start=1):
        if event.position != position:
            wrong = _("Event %(position)d is missing.") % {"position": position}
        elif event.previous != previous:
            wrong = _("Event %(position)d does not follow the previous one.") % {"position": position}
        elif event.hash != chain.digest(event, contract.number):
            wrong = _("Event %(position)d was changed.") % {"position": position}
        if wrong:
            break
        previous = event.hash
    yield CheckResult(_("The audit trail is complete: each event holds the hash of the previous one"), not wrong, wrong)


def _status(contract: Contract) -> Iterator[CheckResult]:
    events = events_by_kind(contract)
    times = {
        Event.DRAFTED: contract.applied_at,
        Event.CONVERTED: contract.official_at,
        Event.VOIDED: contract.voided_at,
        Event.INVALIDATED: contract.invalid_at,
    }
    differing = [str(kind.label) for kind, time in times.items() if not _agree(events.get(kind), time)]
    reached = [status for kind, status in STATUS_AFTER.items() if kind in events]
    if contract.status not in reached[:1]:
        differing.append(_("status"))
    yield CheckResult(
        _("The audit trail records how the contract reached its status"),
        not differing,
        _("Contract and trail disagree on whether or when these happened: %(events)s.")
        % {"events": ", ".join(differing)},
    )


def _documents(contract: Contract) -> Iterator[CheckResult]:
    events, wrong = events_by_kind(contract), []
    for document in contract.documents.all():
        event = events.get(RECORDED_BY[Kind(document.kind)])
        recorded = {**event.data, "created_at": event.at} if event else {}
        facts = {**documents.facts_of(document), "created_at": document.created_at}
        wrong += _differences(document.get_kind_display(), facts, recorded)
    yield CheckResult(
        _("The audit trail records each file as it is registered"),
        not wrong,
        _("These differ: %(facts)s.") % {"facts": "; ".join(wrong)},
    )


def _tickets(contract: Contract) -> Iterator[CheckResult]:
    """Compare the void tickets with their events: who opened and decided each, when, and how (R5)."""
    recorded: dict[int, dict[str, object]] = {}
    for event in contract.events.all():
        if event.ticket_id is None:
            continue
        ticket = recorded.setdefault(
            event.ticket_id, {"status": Ticket.OPEN, "decided_by_id": None, "decided_at": None}
        )
        if event.kind == Event.TICKET_OPENED:
            ticket |= {"opened_by_id": event.actor_id, "opened_at": event.at}
        elif event.kind in DECIDED_BY:
            ticket |= {"status": DECIDED_BY[Event(event.kind)], "decided_by_id": event.actor_id, "decided_at": event.at}
    stored = {ticket.pk: ticket for ticket in contract.void_tickets.all()}
    wrong = []
    for pk in sorted(recorded.keys() | stored.keys()):
        facts = {name: getattr(stored.get(pk), name, None) for name in TICKET_FACTS}
        wrong += _differences(str(pk), facts, recorded.get(pk, {}))
    yield CheckResult(
        _("The audit trail records each void ticket: who opened and decided it, when, and how"),
        not wrong,
        _("These differ: %(facts)s.") % {"facts": "; ".join(wrong)},
    )
    reasons = [ticket.reason for ticket in stored.values() if ticket.status == Ticket.APPROVED]
    yield CheckResult(
        _("It was voided for the reason of its approved ticket"),
        not reasons or reasons == [contract.void_reason],
        _("Contract and ticket have different reasons."),
    )


def _approvals(contract: Contract) -> Iterator[CheckResult]:
    """Compare the requests for approval with their events (R44)."""
    recorded: dict[object, dict[str, object]] = {}
    for event in contract.events.all():
        if "approval" not in event.data:
            continue
        approval = recorded.setdefault(event.data["approval"], {"decided_by_id": None, "decided_at": None})
        if event.kind == Event.APPROVAL_REQUESTED:
            approval |= {"status": Approval.Status.REQUESTED, "draft_sha256": event.data["draft_sha256"]}
            approval |= {"requested_by_id": event.actor_id, "requested_at": event.at}
        else:
            decider = None if event.kind == Event.APPROVAL_LAPSED else event.actor_id
            approval |= {"status": APPROVAL_AFTER[Event(event.kind)], "decided_by_id": decider, "decided_at": event.at}
    stored = {approval.pk: approval for approval in contract.approvals.all()}
    wrong = []
    for pk in sorted(recorded.keys() | stored.keys(), key=str):
        facts = {name: getattr(stored.get(pk), name, None) for name in APPROVAL_FACTS}  # type: ignore[call-overload]
        wrong += _differences(str(pk), facts, recorded.get(pk, {}))
    yield CheckResult(
        _("The audit trail records each request for approval: who made and decided it, when, and how"),
        not wrong,
        _("These differ: %(facts)s.") % {"facts": "; ".join(wrong)},
    )


def _differences(what: str, facts: Mapping[str, object], recorded: Mapping[str, object]) -> list[str]:
    """Return one line that names the facts that differ from the record, or no line. `what` is its first word."""
    names = [str(LABELS[name]) for name, value in facts.items() if value != recorded.get(name)]
    return [f"{what}: {', '.join(names)}"] if names else []


def events_by_kind(contract: Contract) -> dict[str, AuditEvent]:
    return {event.kind: event for event in contract.events.all()}


def _agree(event: AuditEvent | None, time: datetime | None) -> bool:
    """Return True if contract and trail agree on whether, and exactly when, it happened."""
    return time == (event and event.at)
