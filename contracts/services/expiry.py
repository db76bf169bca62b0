"""Expiry of contracts (R20, R21)."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import F, OuterRef, QuerySet, Subquery

from accounts.access.actors import CLOCK
from accounts.notices import notify_each
from common.change_times import ChangeTime
from common.transactions import in_transaction
from contracts.eligibility import find_live_contracts
from contracts.models import AuditEvent, Contract, ContractOrder, VoidTicket
from contracts.notifications import emails
from contracts.notifications.emails import email_facts
from contracts.services import locking
from contracts.services.approvals import lapse_approvals
from contracts.trail import record as audit
from contracts.types import EXPIRING
from jobs import trusted_time
from orders.models import Order
from webhooks.events import send_webhooks_after_commit

CONTENT_FIELDS = ("party_a", "party_b", "remittance_account", "order_numbers", "remarks")
"""Long fields of a contract's content, which are deferred here."""


@in_transaction
def invalidate_due(*, now: datetime, batch: int = 500) -> int:
    """Make up to `batch` contracts invalid that expired by `now` (aware). Return their number (R20).

    Safe to run twice or concurrently: locked contracts are skipped until the next run, and the others are checked again
    under lock. Skipping them means no waiting, so the orders, which are not changed, need no lock. Contracts past their
    expiry come first, since they include most of those with a cancelled order.
    """
    unlocked = Contract.objects.select_for_update(skip_locked=True)
    ids = unlocked.first_expired(now, limit=batch) or Contract.objects.first_with_ended_order(now, limit=batch)
    return len(invalidate_lapsed(ids, now=now, waiting=False))


def settle_expired_contracts(orders: Collection[Order], *, now: datetime) -> dict[int, str]:
    """Invalidate expired contracts that still hold these locked orders, in the caller's transaction (R21).

    Return order id → number of the live contract that holds it (R7). Usually there is none, which takes one statement.
    Invalidation is final, so the database's clock must agree: a host's clock may be ahead.
    """
    held = _get_holds([order.pk for order in orders])
    if not held.exists():
        return {}
    ids = list(Contract.objects.lapsed(now).filter(pk__in=held.values("contract")).values_list("pk", flat=True))
    if ids:
        now = min(now, trusted_time.database_now())
        invalidate_lapsed(ids, now=now)
    return find_live_contracts(orders, now=now)


def end_contracts_of(order_ids: Collection[int], now: datetime) -> None:
    """Invalidate the contracts that can expire and hold these locked orders, which have just ended (R20).

    Runs in the caller's transaction, so that `contract.invalid` is sent together with `order.cancelled`.
    """
    holding = _get_holds(order_ids).filter(contract__type__in=EXPIRING)
    ids = set(holding.values_list("contract", flat=True))
    if ids and invalidate_lapsed(ids, now=now):
        send_webhooks_after_commit()


def _get_holds(order_ids: Collection[int]) -> QuerySet[ContractOrder]:
    return ContractOrder.objects.filter(order__in=order_ids, released_at=None).order_by()


def invalidate_lapsed(ids: Collection[int], *, now: datetime, waiting: bool = True) -> list[Contract]:
    """Lock those of these contracts that have lapsed, invalidate them, release their orders and lapse open tickets.

    `invalid_at` is when each lapsed: `expires_at`, or an earlier cancellation of an order (R21). The events
    always name the clock as their actor. Without `waiting`, contracts locked by others are skipped.
    """
    lapsed = Contract.objects.filter(pk__in=ids).lapsed(now).with_status_at(now)
    contracts = locking.lock_contracts(lapsed.defer(*CONTENT_FIELDS), waiting=waiting)
    events = []
    for contract in contracts:
        since = contract.invalid_since or now
        contract.invalidate(at=since)
        events.append(audit.event(contract, AuditEvent.Kind.INVALIDATED, by=CLOCK, at=since))
    _save(contracts)
    became_invalid = Contract.objects.filter(pk=OuterRef("contract")).values("invalid_at")
    ContractOrder.objects.filter(contract__in=contracts, released_at=None).update(released_at=Subquery(became_invalid))
    audit.record(events + _lapse_tickets(contracts) + lapse_approvals(contracts, by=CLOCK))
    reports = [
        (c.account_id, email_facts(c, since=c.invalid_at.isoformat(), type=c.type)) for c in contracts if c.invalid_at
    ]
    notify_each(emails.CONTRACT_INVALID, reports, at=now)
    return contracts


def _save(contracts: list[Contract]) -> None:
    """Save in two statements. Nearly all lapsed at their own `expires_at`, so one short statement covers them."""
    at_end = [contract.pk for contract in contracts if contract.invalid_at == contract.expires_at]
    now = ChangeTime()
    Contract.objects.filter(pk__in=at_end).update(
        status=Contract.Status.INVALID, invalid_at=F("expires_at"), updated_at=now
    )
    earlier = [contract for contract in contracts if contract.invalid_at != contract.expires_at]
    Contract.objects.bulk_update(earlier, ["status", "invalid_at"], batch_size=200)
    if earlier:
        Contract.objects.filter(pk__in=[contract.pk for contract in earlier]).update(updated_at=now)


def _lapse_tickets(contracts: list[Contract]) -> list[AuditEvent]:
    by_id = {contract.pk: contract for contract in contracts}
    tickets = locking.lock_open_tickets(contracts)
    events = []
    for ticket in tickets:
        contract = by_id[ticket.contract_id]
        at = max(contract.invalid_at or ticket.opened_at, ticket.opened_at)
        ticket.lapse(at=at)
        events.append(audit.event(contract, AuditEvent.Kind.TICKET_LAPSED, by=CLOCK, at=at, ticket=ticket))
    VoidTicket.objects.bulk_update(tickets, ["status", "decided_at"], batch_size=200)
    return events
