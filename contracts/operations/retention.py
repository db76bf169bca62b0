"""What is kept for a while and then goes by itself (docs/privacy.md has the table)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from axes.models import AccessAttempt, AccessFailureLog
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet

from accounts.certification.licence_scans import delete_licence
from accounts.models import ApiToken, CertificationRequest, IdempotentRequest, SecurityEvent
from accounts.models.idempotent_request import IDEMPOTENCY_KEY_TTL
from common.batches import delete_in_batches
from contracts.models import Selection
from contracts.services import selections
from emails.models import Notice

BATCH = 1000
NOTICES_KEPT = timedelta(days=180)
"""Emails that were sent or given up: as long as somebody asks whether they were told."""
TOKENS_KEPT = timedelta(days=30)
"""After their end, for their people to see why a program fails."""
FAILURES_KEPT = timedelta(days=1)
"""Failed sign-ins: far longer than the fifteen minutes that they count for."""
SECURITY_EVENTS_KEPT = timedelta(days=180)
"""Half a year: as long as an attack may go unnoticed."""
REJECTED_SCANS_KEPT = timedelta(days=90)
"""After the rejection: the customer may ask why."""

Passed = Callable[[datetime], QuerySet[Any]]


def _sessions(now: datetime) -> QuerySet[Any]:
    return Session.objects.filter(expire_date__lt=now)


def _selections(now: datetime) -> QuerySet[Any]:
    return Selection.objects.filter(updated_at__lt=now - selections.SELECTION_TTL)


def _idempotency_keys(now: datetime) -> QuerySet[Any]:
    return IdempotentRequest.objects.filter(created_at__lt=now - IDEMPOTENCY_KEY_TTL)


def _notices(now: datetime) -> QuerySet[Any]:
    return Notice.objects.exclude(state=Notice.State.PENDING).filter(created_at__lt=now - NOTICES_KEPT)


def _tokens(now: datetime) -> QuerySet[Any]:
    return ApiToken.objects.filter(expiry__lt=now - TOKENS_KEPT)


def _failed_sign_ins(now: datetime) -> QuerySet[Any]:
    return AccessAttempt.objects.filter(attempt_time__lt=now - FAILURES_KEPT)


def _failed_sign_ins_listed(now: datetime) -> QuerySet[Any]:
    return AccessFailureLog.objects.filter(attempt_time__lt=now - FAILURES_KEPT)


def _security_events(now: datetime) -> QuerySet[Any]:
    return SecurityEvent.objects.filter(at__lt=now - SECURITY_EVENTS_KEPT)


PASSED: dict[str, Passed] = {
    "sessions": _sessions,
    "selections": _selections,
    "idempotency_keys": _idempotency_keys,
    "emails": _notices,
    "tokens": _tokens,
    "failed_sign_ins": _failed_sign_ins,
    "failed_sign_ins_listed": _failed_sign_ins_listed,
    "security_events": _security_events,
}
"""What → the rows whose time has passed at an aware time."""


def forget_what_has_passed(*, now: datetime, batch: int = BATCH) -> dict[str, int]:
    """Delete what is kept no longer at `now` (aware), batch after batch; returns how many of each.

    Every batch is a transaction of its own. Safe to run twice and at once.
    """
    done = {what: delete_in_batches(rows(now).order_by("pk"), batch) for what, rows in PASSED.items()}
    return {**done, "scans": _forget_rejected_scans(now)}


def _forget_rejected_scans(now: datetime) -> int:
    rejected = CertificationRequest.objects.filter(
        status=CertificationRequest.Status.REJECTED, decided_at__lt=now - REJECTED_SCANS_KEPT
    ).exclude(licence="")
    done = 0
    for request in rejected.order_by("pk").iterator(chunk_size=BATCH):
        with transaction.atomic():
            delete_licence(request)
        done += 1
    return done
