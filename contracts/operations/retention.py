"""Delete data whose retention period has passed (docs/privacy.md has the table)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from axes.models import AccessAttempt, AccessFailureLog
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet

from accounts.certification.licence_scans import delete_licence
from accounts.models import ApiToken, CertificationRequest, IdempotentRequest, Invitation, SecurityEvent
from accounts.models.idempotent_request import IDEMPOTENCY_KEY_TTL
from common.chunks import delete_in_chunks
from contracts.models import Batch, Selection
from contracts.services import selections
from emails.models import Notice

ROWS_A_TRANSACTION = 1000
NOTICE_RETENTION = timedelta(days=180)
"""Emails that were sent or given up."""
INVITATION_RETENTION = timedelta(days=30)
"""After the link expired, so that its page can say why it no longer works."""
BATCH_RETENTION = timedelta(days=90)
"""Batches, with the result for each contract."""
TOKEN_RETENTION = timedelta(days=30)
"""Expired tokens, so that their owners can see why a program fails."""
FAILED_SIGN_IN_RETENTION = timedelta(days=1)
"""Far longer than the fifteen minutes for which a failed sign-in counts."""
SECURITY_EVENT_RETENTION = timedelta(days=180)
"""As long as an attack may remain unnoticed."""
REJECTED_SCAN_RETENTION = timedelta(days=90)
"""After the rejection, since the customer may ask for the reason."""

ExpiredRows = Callable[[datetime], QuerySet[Any]]


def _sessions(now: datetime) -> QuerySet[Any]:
    return Session.objects.filter(expire_date__lt=now)


def _selections(now: datetime) -> QuerySet[Any]:
    return Selection.objects.filter(updated_at__lt=now - selections.SELECTION_TTL)


def _idempotency_keys(now: datetime) -> QuerySet[Any]:
    return IdempotentRequest.objects.filter(created_at__lt=now - IDEMPOTENCY_KEY_TTL)


def _notices(now: datetime) -> QuerySet[Any]:
    return Notice.objects.exclude(state=Notice.State.PENDING).filter(created_at__lt=now - NOTICE_RETENTION)


def _batches(now: datetime) -> QuerySet[Any]:
    return Batch.objects.filter(finished_at__lt=now - BATCH_RETENTION)


def _invitations(now: datetime) -> QuerySet[Any]:
    return Invitation.objects.filter(expires_at__lt=now - INVITATION_RETENTION)


def _tokens(now: datetime) -> QuerySet[Any]:
    return ApiToken.objects.filter(expiry__lt=now - TOKEN_RETENTION)


def _failed_sign_ins(now: datetime) -> QuerySet[Any]:
    return AccessAttempt.objects.filter(attempt_time__lt=now - FAILED_SIGN_IN_RETENTION)


def _failed_sign_ins_listed(now: datetime) -> QuerySet[Any]:
    return AccessFailureLog.objects.filter(attempt_time__lt=now - FAILED_SIGN_IN_RETENTION)


def _security_events(now: datetime) -> QuerySet[Any]:
    return SecurityEvent.objects.filter(at__lt=now - SECURITY_EVENT_RETENTION)


EXPIRED_ROWS: dict[str, ExpiredRows] = {
    "sessions": _sessions,
    "selections": _selections,
    "idempotency_keys": _idempotency_keys,
    "emails": _notices,
    "batches": _batches,
    "invitations": _invitations,
    "tokens": _tokens,
    "failed_sign_ins": _failed_sign_ins,
    "failed_sign_ins_listed": _failed_sign_ins_listed,
    "security_events": _security_events,
}
"""Name → function of an aware time that returns the rows to delete."""


def delete_expired(*, now: datetime, chunk: int = ROWS_A_TRANSACTION) -> dict[str, int]:
    """Delete rows past their retention period at `now` (aware), `chunk` per transaction. Return the numbers by name.

    Safe to run twice or concurrently.
    """
    done = {what: delete_in_chunks(rows(now).order_by("pk"), chunk) for what, rows in EXPIRED_ROWS.items()}
    return {**done, "scans": _delete_rejected_scans(now)}


def _delete_rejected_scans(now: datetime) -> int:
    rejected = CertificationRequest.objects.filter(
        status=CertificationRequest.Status.REJECTED, decided_at__lt=now - REJECTED_SCAN_RETENTION
    ).exclude(licence="")
    done = 0
    for request in rejected.order_by("pk").iterator(chunk_size=ROWS_A_TRANSACTION):
        with transaction.atomic():
            delete_licence(request)
        done += 1
    return done
