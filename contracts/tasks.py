"""Scheduled tasks. All are safe to run twice and concurrently."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from celery import shared_task
from django.utils import timezone

from common.errors import Refused
from contracts.bulk.batches import run_batches
from contracts.health.seal_check import check_and_log, is_due
from contracts.operations.backup.scheduled import back_up_system
from contracts.operations.retention import delete_expired
from contracts.services import invalidate_due, remind_due
from contracts.trail import anchor
from contracts.trail.daily_seals import seal_trails
from contracts.trail.renewal.stamping import stamp_new_lists
from jobs.clock_jobs import JobFailed, clock_job
from jobs.models import ClockRun
from jobs.trusted_time import TimeReading, find_time_for_due_work, get_time_for_due_work, record_job_run
from orders.services import cancel_overdue_orders

HOURLY = timedelta(hours=1)

log = logging.getLogger(__name__)

__all__ = ["back_up_system", "run_batches"]
"""Tasks that are declared beside their services."""


@shared_task
@clock_job()
def settle_due() -> dict[str, int] | None:
    now = find_time_for_due_work("settle_due")
    return _settle(now) if now else None


@shared_task
@clock_job(every=HOURLY)
def forget() -> dict[str, int] | None:
    """Delete data whose retention period has passed (docs/privacy.md)."""
    now = find_time_for_due_work("forget")
    return delete_expired(now=now.at) if now else None


@shared_task
@clock_job()
def check_seal(*, at_start: bool = False) -> int:
    """Check the seal when a worker starts, once a day, and every minute while it is broken."""
    now = timezone.now()
    if not at_start and not is_due(now=now):
        return 0
    check_and_log(now=now)
    return 1


@shared_task
@clock_job(every=HOURLY)
def seal_audit_trail() -> int | None:
    """Seal the daily list once a day, and stamp lists without a stamp. Staff see how old the last list is."""
    now = find_time_for_due_work("seal_audit_trail")
    if now is None:
        return None
    failures = []
    try:
        seal_trails(now=now.at)
    except Refused as refused:
        log.error("the audit trail could not be sealed: %s", refused.detail)
        failures.append(refused.detail)
    try:
        stamp_new_lists()
    except Refused as refused:
        log.error("the daily list could not be stamped: %s", refused.detail)
        failures.append(refused.detail)
    if failures:
        raise JobFailed(" ".join(failures))
    return 1


@shared_task
@clock_job(every=timedelta(minutes=10))
def feed_anchors() -> int:
    """Copy new daily lists and stamps to the anchor, and retry what failed."""
    delivered = anchor.feed_anchors(now=timezone.now())
    if failures := anchor.find_failures():
        raise JobFailed(" ".join(failures))
    return delivered


def settle_all() -> dict[str, int]:
    """Invalidate lapsed contracts, cancel overdue orders, and send reminders (R10, R20). Return their numbers.

    Runs batches until all due work is done, except rows locked by others, by the database's clock. Contracts come
    first: an order with a corrected time has a deadline in the past and is checked as long as it is unpaid. Raises
    UntrustedTime, with nothing done, if the clock cannot be trusted.
    """
    return _settle(get_time_for_due_work())


def _settle(now: TimeReading) -> dict[str, int]:
    done = {
        "contracts": _all(invalidate_due, now.at),
        "orders": _all(cancel_overdue_orders, now.at),
        "reminders": _all(remind_due, now.at),
    }
    record_job_run(ClockRun.Job.SETTLE, reading=now)
    return done


def _all(batch: Callable[..., int], now: datetime) -> int:
    done = 0
    while count := batch(now=now):
        done += count
    return done
