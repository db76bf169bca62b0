"""Batches: one action over up to 200 contracts, performed by a worker through the services of the single action (R42).

The action may be to create the contracts, as drafts. Each contract succeeds or fails alone. An interrupted worker
leaves the rest waiting, and the next one goes on.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

from celery import shared_task
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts import party_details
from accounts.access.actors import Actor, Source, actor_of
from accounts.models import Account, Membership
from common.errors import DATABASE_UNAVAILABLE_ERRORS, Refused
from common.texts import validate_text
from common.transactions import in_transaction
from contracts import services
from contracts.bulk.drafting import MAX_DRAFTS, PlannedDraft, create_draft, to_items
from contracts.bulk.filters import require_contracts
from contracts.models import Batch, BatchItem, Contract, Selection
from jobs.clock_jobs import clock_job
from jobs.queueing import enqueue, run_turn
from jobs.turns import TurnResult

ITEMS_A_TURN = 20
"""Contracts after which a worker lets other work of its queue through."""
MAX_ATTEMPTS = 3
"""Attempts that may end without a result, because the worker was killed."""
MAX_UNFINISHED = 10
"""Batches of one account at a time."""
MAX_FAULTS_SHOWN = 5
"""Faults of one contract that its result names."""
Outcome = BatchItem.Outcome

log = logging.getLogger(__name__)


@in_transaction
def create_batch(
    *, action: Batch.Action, numbers: Sequence[str], by: Actor, reason: str = "", deliver: bool | None = None
) -> Batch:
    """Register a batch over contracts of the actor's account, in the active language, and wake a worker.

    `deliver`: as for `convert_to_official`. Raises Refused: `permission_denied`, `invalid` without a contract, for more
    than 200, for each number that the account does not have and for `deliver` with another action, `throttled` while
    MAX_UNFINISHED batches of the account are in progress. Then nothing begins.
    """
    by.require_to_act()
    account = by.own_account
    if deliver is not None and action != Batch.Action.CONVERT:
        raise Refused("invalid", _("Only converted contracts can be sent by email."), pointer="/deliver")
    if not numbers:
        raise Refused("invalid", _("Select at least one contract."), pointer="/numbers")
    numbers = require_contracts(account, numbers)
    ids = dict(Contract.objects.of(account).filter(number__in=numbers).values_list("number", "pk"))
    items = [BatchItem(contract_id=ids[number]) for number in numbers]
    reason = validate_text(Contract, "void_reason", reason, pointer="/reason")
    return _register(Batch(action=action, reason=reason, deliver=deliver), items, by=by)


@in_transaction
def create_draft_batch(
    selection: Selection, *, drafts: Sequence[PlannedDraft], language: str, po_number: str, remarks: str, by: Actor
) -> Batch:
    """Register a batch that creates these drafts of the selection's orders, once: a double click gets the same batch.

    Party A's details are those of the account. Raises Refused: `permission_denied`, `too_many_orders` for more than
    MAX_DRAFTS drafts, `invalid` without any and for a missing detail, `po_number_required`, `throttled`.
    """
    by.require_to_act()
    stored = Selection.objects.select_for_update().get(pk=selection.pk)
    if stored.batch_id is not None:
        return Batch.objects.get(pk=stored.batch_id)
    if not drafts:
        raise Refused("invalid", _("Select at least one order."), pointer="/order_numbers")
    if len(drafts) > MAX_DRAFTS:
        detail = _("At most %(most)d drafts at once; these are %(count)d. Group them differently, or select fewer.")
        raise Refused("too_many_orders", detail % {"most": MAX_DRAFTS, "count": len(drafts)})
    account = Account.objects.select_related("profile").get(pk=by.own_account.pk)
    party_details.complete_profile(account, None)
    fields = {
        "type": stored.type,
        "language": language,
        "po_number": services.apply.validate_po_number(po_number, account),
        "remarks": validate_text(Contract, "remarks", remarks, pointer="/remarks"),
    }
    batch = _register(Batch(action=Batch.Action.DRAFT, drafts=fields), to_items(drafts), by=by)
    stored.batch, stored.typed = batch, {}
    stored.save(update_fields=["batch", "typed", "updated_at"])
    Membership.objects.filter(user=by.person, account=account).update(last_document_language=language)
    return batch


def _register(batch: Batch, items: Sequence[BatchItem], *, by: Actor) -> Batch:
    """Save the batch of the actor with its items, and wake a worker. Raises Refused `throttled`."""
    batch.account, batch.requested_by_id, batch.source = by.own_account, by.person, by.source
    if Batch.objects.filter(account=batch.account, finished_at=None).count() >= MAX_UNFINISHED:
        detail = _("Other batches of this account are in progress. Try again when they have finished.")
        raise Refused("throttled", detail)
    batch.language, batch.requested_at = translation.get_language() or "en", timezone.now()
    batch.save(force_insert=True)
    for item in items:
        item.batch = batch
    BatchItem.objects.bulk_create(items)
    transaction.on_commit(lambda: enqueue(run_batches), robust=True)  # without a broker the scheduler starts it
    return batch


@shared_task
@clock_job()
def run_batches() -> int | None:
    return run_turn(run_batches, run_due_batches, find_next_batch_due_time)


def find_next_batch_due_time(_until: datetime) -> datetime | None:
    """Return now if a contract of a batch is waiting, else None."""
    waiting = BatchItem.objects.filter(batch__finished_at=None, outcome=Outcome.WAITING)
    return timezone.now() if waiting.exists() else None


def run_due_batches() -> TurnResult:
    """Perform the action on the next ITEMS_A_TURN contracts that wait, oldest batch first."""
    waiting = BatchItem.objects.filter(batch__finished_at=None, outcome=Outcome.WAITING)
    items = list(waiting.select_related("batch__account", "contract").order_by("batch_id", "pk")[:ITEMS_A_TURN])
    for item in items:
        with translation.override(item.batch.language):
            _run(item)
    _finish_batches()
    return TurnResult(len(items))


def _finish_batches() -> None:
    unfinished = Batch.objects.filter(finished_at=None)
    unfinished.exclude(items__outcome=Outcome.WAITING).update(finished_at=timezone.now())


def _run(item: BatchItem) -> None:
    """Perform the item's action and record the outcome. The first attempt's time is committed before it begins."""
    _begin(item)
    if item.attempts > MAX_ATTEMPTS:  # each attempt killed its worker, for example by lack of memory
        log.error("batch %s: contract %s was interrupted %d times", item.batch_id, item.contract_id, MAX_ATTEMPTS)
        _record_interrupted(item)
        return
    try:
        ACTIONS[Batch.Action(item.batch.action)](item, _actor_of(item.batch))
    except DATABASE_UNAVAILABLE_ERRORS:
        with suppress(*DATABASE_UNAVAILABLE_ERRORS):  # an outage is not the contract's fault
            BatchItem.objects.filter(pk=item.pk).update(attempts=F("attempts") - 1)
        raise
    except Refused as refused:
        if _is_already_done(item):
            _record(item, Outcome.DONE)
        else:
            details = dict.fromkeys(fault.detail for fault in refused.faults[:MAX_FAULTS_SHOWN])
            _record(item, Outcome.FAILED, code=refused.code, detail="\n".join(details))
    except Exception:
        log.exception("batch %s: item %s failed", item.batch_id, item.pk)
        _record(item, Outcome.FAILED, code="internal_error", detail=_("An unexpected error occurred. Try again."))
    else:
        _record(item, Outcome.DONE)


def _begin(item: BatchItem) -> None:
    """Count the attempt, and record the time of the first one."""
    attempts, begun_at = F("attempts") + 1, Coalesce("begun_at", timezone.now())
    BatchItem.objects.filter(pk=item.pk).update(attempts=attempts, begun_at=begun_at)
    item.refresh_from_db(fields=["attempts", "begun_at"])


def _record_interrupted(item: BatchItem) -> None:
    if _is_already_done(item):
        _record(item, Outcome.DONE)
        return
    detail = _("The worker was interrupted each time. Try this contract alone; if that fails, contact our staff.")
    _record(item, Outcome.FAILED, code="interrupted", detail=detail)


def _convert(item: BatchItem, by: Actor) -> None:
    services.convert_to_official(contract=_contract_of(item), by=by, deliver=item.batch.deliver)


def _void(item: BatchItem, by: Actor) -> None:
    services.void_draft(contract=_contract_of(item), by=by, reason=item.batch.reason)


def _contract_of(item: BatchItem) -> Contract:
    if item.contract is None:
        raise ValueError(f"item {item.pk} has no contract")
    return item.contract


ACTIONS: dict[Batch.Action, Callable[[BatchItem, Actor], None]] = {
    Batch.Action.CONVERT: _convert,
    Batch.Action.VOID: _void,
    Batch.Action.DRAFT: create_draft,
}


def _is_already_done(item: BatchItem) -> bool:
    """Return True if an interrupted attempt, or another worker, changed the contract since the item was begun."""
    if item.batch.action == Batch.Action.DRAFT:
        return BatchItem.objects.filter(pk=item.pk, contract__isnull=False).exists()
    contract = Contract.objects.get(pk=_contract_of(item).pk)
    if item.batch.action == Batch.Action.CONVERT:
        status, at = Contract.Status.OFFICIAL, contract.official_at
    else:
        status, at = Contract.Status.VOIDED, contract.voided_at
    return contract.status == status and at is not None and item.begun_at is not None and at >= item.begun_at


def _actor_of(batch: Batch) -> Actor:
    """Return the requester with the rights that they have now; they may have lost their role since (R26)."""
    member = (
        Membership.objects.filter(account=batch.account, user=batch.requested_by)
        .select_related("account", "user")
        .first()
    )
    source: Source = "api" if batch.source == "api" else "page"
    if member is None or not member.user.is_active:
        return Actor(batch.requested_by_id, batch.account, False, source)
    return actor_of(member, source)


def _record(item: BatchItem, outcome: BatchItem.Outcome, *, code: str = "", detail: str = "") -> None:
    """Record the outcome. What was done stays done, even if another worker was refused because of that."""
    BatchItem.objects.filter(pk=item.pk).exclude(outcome=Outcome.DONE).update(outcome=outcome, code=code, detail=detail)
