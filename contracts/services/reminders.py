"""Send reminders about contracts that need action, once each."""

from datetime import datetime, timedelta

from django.db.models import F

from accounts.notices import notify_each
from common.transactions import in_transaction
from contracts.models import Contract
from contracts.notifications import emails
from contracts.notifications.emails import email_facts
from contracts.services.expiry import CONTENT_FIELDS
from contracts.types import REMINDING_OF_DRAFTS

EXPIRY_LEAD = timedelta(hours=24)
"""Before a contract expires. Contracts drafted later than that get no reminder."""
DRAFT_REMINDER_AGE = timedelta(days=7)
"""Age at which members are reminded of a draft."""


@in_transaction
def remind_due(*, now: datetime, batch: int = 500) -> int:
    """Create the reminders due at `now` (aware), for up to `batch` contracts of each kind. Return their number.

    Safe to run twice or concurrently: a contract is marked in the transaction that creates its emails.
    """
    unreminded = Contract.objects.filter(reminded_at=None).select_for_update(skip_locked=True).defer(*CONTENT_FIELDS)
    ending = unreminded.ending(now, now + EXPIRY_LEAD).filter(applied_at__lte=F("expires_at") - EXPIRY_LEAD)
    old = unreminded.filter(status=Contract.Status.DRAFT, applied_at__lte=now - DRAFT_REMINDER_AGE)
    waiting = old.filter(type__in=REMINDING_OF_DRAFTS)
    ends = list(ending.order_by("expires_at")[:batch])
    drafts = list(waiting.order_by("applied_at")[:batch])
    Contract.objects.filter(pk__in=[contract.pk for contract in (*ends, *drafts)]).update(reminded_at=now)
    soon = [(c.account_id, email_facts(c, ends=c.expires_at.isoformat())) for c in ends if c.expires_at]
    notify_each(emails.CONTRACT_ENDS, soon, at=now)
    waits = [(c.account_id, email_facts(c, since=c.applied_at.isoformat())) for c in drafts]
    notify_each(emails.DRAFT_WAITS, waits, at=now)
    return len(ends) + len(drafts)
