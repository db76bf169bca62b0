"""The time line of a contract, from rows: trail, orders, certification, batches, uses of the seal, emails, webhooks."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from accounts.models import CertificationRequest
from contracts.models import AuditEvent, BatchItem, Contract, Delivery, SealUse
from webhooks.models import WebhookDelivery

MAX_WEBHOOKS = 200
"""Newest webhook deliveries that are listed."""
SYSTEM = "system"
IGNORED = {"size", "pages", "contract_json", "account", "issuer_version"}
"""Facts of audit events that explain nothing."""
CHECKSUM_CHARS = 64
DOCUMENTS = (SealUse.Purpose.CONTRACT, SealUse.Purpose.VOID_CERTIFICATE)
"""Uses of the seal whose result is a registered document."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened, in English, without names."""

    at: datetime
    who: str
    what: str


def gather_entries(contract: Contract) -> list[Entry]:
    """Return what rows know about the contract, not sorted. Of things at one time, causes come before their effects.

    Call it with English active.
    """
    sources = (
        _orders(contract),
        _certifications(contract),
        _batches(contract),
        _seal_uses(contract),
        _trail(contract),
        _emails(contract),
        _webhooks(contract),
    )
    return [entry for source in sources for entry in source]


def describe_actor(user_id: int | None, source: str) -> str:
    return f"user {user_id} ({source})" if user_id else source


def find_request_ids(contract: Contract) -> set[str]:
    """Return the ids of the requests that changed the contract, under which the log has more."""
    return {event.data["request_id"] for event in contract.events.all() if "request_id" in event.data}


def _trail(contract: Contract) -> Iterator[Entry]:
    for event in AuditEvent.objects.filter(contract=contract).order_by("position"):
        facts = [f"{name} {_shorten(value)}" for name, value in event.data.items() if value and name not in IGNORED]
        said = f" ({', '.join(facts)})" if facts else ""
        yield Entry(event.at, describe_actor(event.actor_id, event.source), f"{event.get_kind_display()}{said}")


def _shorten(value: object) -> str:
    """Return a fact of an event; of a checksum only its beginning."""
    text = str(value)
    return f"{text[:12]}…" if len(text) == CHECKSUM_CHARS else text


def _orders(contract: Contract) -> Iterator[Entry]:
    """Yield what happened to the orders since the contract was drafted, and the deadlines that end it."""
    for line in contract.lines.select_related("order"):
        order, about = line.order, f"Order {line.order.number}"
        times = (
            ("was paid", order.paid_at),
            ("was cancelled", order.cancelled_at),
            ("was refunded", order.refunded_at),
        )
        for what, at in times:
            if at and at >= contract.applied_at:
                yield Entry(at, SYSTEM, f"{about} {what}")
        if line.released_at:
            yield Entry(line.released_at, SYSTEM, f"{about} was released for other contracts")
    if contract.expires_at:
        yield Entry(
            contract.expires_at, SYSTEM, "Valid until here: earliest payment deadline of the orders when drafted"
        )


def _certifications(contract: Contract) -> Iterator[Entry]:
    since = contract.applied_at
    for one in CertificationRequest.objects.filter(account=contract.account_id, decided_at__gte=since):
        who = describe_actor(one.decided_by_id, "admin")
        yield Entry(one.decided_at or since, who, f"Certification request {one.pk} of the account: {one.status}")


def _batches(contract: Contract) -> Iterator[Entry]:
    for item in BatchItem.objects.filter(contract=contract).select_related("batch"):
        batch, about = item.batch, f"Batch {item.batch_id} ({item.batch.action})"
        who = describe_actor(batch.requested_by_id, batch.source)
        yield Entry(batch.requested_at, who, f"{about} was requested")
        if item.outcome == BatchItem.Outcome.WAITING:
            at = item.begun_at or batch.requested_at
            yield Entry(at, SYSTEM, f"{about}: waiting for a worker, {item.attempts} attempts so far")
        elif item.begun_at:
            why = f": {item.code}: {' '.join(item.detail.split())}" if item.code else ""
            yield Entry(item.begun_at, who, f"{about}: {item.outcome}{why}")


def _seal_uses(contract: Contract) -> Iterator[Entry]:
    registered = {document.sha256 for document in contract.get_documents()}
    for use in SealUse.objects.filter(contract=contract):
        level = f" at level {use.level}" if use.level else ""
        what = f"The seal's key signed{level} ({use.get_purpose_display().lower()}): {_result_of(use, registered)}"
        yield Entry(use.at, describe_actor(use.actor_id, use.source), what)


def _result_of(use: SealUse, registered: Collection[str]) -> str:
    if not use.output_sha256:
        return "sealing failed after that"
    output = _shorten(use.output_sha256)
    if use.purpose not in DOCUMENTS:
        return f"the signature {output}"
    if use.output_sha256 in registered:
        return f"the registered file {output}"
    return f"the file {output}, which was not registered: a check or the storage refused after it"


def _emails(contract: Contract) -> Iterator[Entry]:
    if contract.reminded_at:
        yield Entry(contract.reminded_at, SYSTEM, "The members were reminded by email")
    for delivery in Delivery.objects.filter(contract=contract).select_related("notice"):
        about = f"Document by email, delivery {delivery.pk}"
        yield Entry(delivery.requested_at, SYSTEM, f"{about}: requested")
        if delivery.ended_at:
            error = f": {delivery.error}" if delivery.error else ""
            yield Entry(delivery.ended_at, SYSTEM, f"{about}: {delivery.state}{error}")
        elif delivery.notice:
            notice, error = delivery.notice, delivery.notice.error or "none"
            what = f"{about}: next attempt, after {notice.attempts}; last error: {error}"
            yield Entry(notice.due_at, SYSTEM, what)


def _webhooks(contract: Contract) -> Iterator[Entry]:
    deliveries = WebhookDelivery.objects.filter(endpoint__account=contract.account_id, subject=contract.number)
    deliveries = deliveries.select_related("endpoint").with_earlier_due_at().order_by("-pk")
    for one in deliveries[:MAX_WEBHOOKS]:
        about = f"Webhook {one.type} to endpoint {one.endpoint_id}"
        if one.delivered_at:
            yield Entry(one.delivered_at, SYSTEM, f"{about}: delivered at attempt {one.attempts}")
        elif one.state == WebhookDelivery.State.PENDING:
            next_attempt = "next attempt" if one.next_attempt_at else "waits for the endpoint to be enabled"
            yield Entry(one.next_attempt_at or one.due_at, SYSTEM, f"{about}: {next_attempt}, after {one.attempts}")
        else:
            yield Entry(one.created_at, SYSTEM, f"{about}: {one.state} after {one.attempts} attempts")
