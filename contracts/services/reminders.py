"""Reminders of contracts that somebody has to act on: each of them once."""

from datetime import datetime, timedelta

from django.db.models import F

from accounts.notices import notify_each
from common.transactions import in_transaction
from contracts import emails
from contracts.emails import facts_of
from contracts.models import Contract
from contracts.services.expiry import SAID
from contracts.types import REMINDING_OF_DRAFTS

BEFORE_END = timedelta(hours=24)
"""Before a contract expires. One that was drafted later than that is not reminded of."""
DRAFT_AGE = timedelta(days=7)
"""Age at which members are reminded of a draft."""


@in_transaction
def remind_due(*, now: datetime, batch: int = 500) -> int:
    """Write the reminders that are due at `now` (aware), of up to `batch` contracts of each kind; returns how many.

    Safe to run twice and at once: a contract is marked in the transaction that writes its emails.
    """
    unreminded = Contract.objects.filter(reminded_at=None).select_for_update(skip_locked=True).defer(*SAID)
    ending = unreminded.ending(now, now + BEFORE_END).filter(applied_at__lte=F("expires_at") - BEFORE_END)
    old = unreminded.filter(status=Contract.Status.DRAFT, applied_at__lte=now - DRAFT_AGE)
    waiting = old.filter(type__in=REMINDING_OF_DRAFTS)
    ends = list(ending.order_by("expires_at")[:batch])
    drafts = list(waiting.order_by("applied_at")[:batch])
    Contract.objects.filter(pk__in=[contract.pk for contract in (*ends, *drafts)]).update(reminded_at=now)
    soon = [(c.account_id, facts_of(c, ends=c.expires_at.isoformat())) for c in ends if c.expires_at]
    notify_each(emails.CONTRACT_ENDS, soon, at=now)
    waits = [(c.account_id, facts_of(c, since=c.applied_at.isoformat())) for c in drafts]
    notify_each(emails.DRAFT_WAITS, waits, at=now)
    return len(ends) + len(drafts)
