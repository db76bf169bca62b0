"""Health of the scheduler: when it last ran, and how long the oldest due work has waited (R20)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists

from contracts.models import Contract
from emails.models import Notice
from jobs.models import ClockRun, SendingHold
from jobs.trusted_time import UntrustedTime, describe_clock_jump, get_verified_time
from orders.models import Order

MAX_LAG = timedelta(minutes=5)
"""The scheduler runs every minute. A longer delay needs attention."""


@dataclass(frozen=True, slots=True)
class ClockHealth:
    now: datetime
    last_run: datetime | None
    """None before the first run."""
    due: dict[str, datetime]
    """Kind (contract, order, email) → due time of the one that has waited longest. Nothing for kinds without any."""
    wrong: str
    """Why due work is refused, here or recently by a worker; empty if the time is correct."""

    @property
    def oldest_due(self) -> datetime | None:
        return min(self.due.values(), default=None)

    @property
    def lag(self) -> timedelta:
        return self.now - self.oldest_due if self.oldest_due else timedelta(0)

    @property
    def late(self) -> bool:
        stopped = self.last_run is not None and self.now - self.last_run > MAX_LAG
        return stopped or self.lag > MAX_LAG


def clock_health(*, now: datetime) -> ClockHealth:
    """Return the scheduler's health at `now` (aware), in four short indexed statements and one for the time."""
    last = ClockRun.objects.filter(job=ClockRun.Job.SETTLE).first()
    waiting = {
        "contract": Contract.objects.expired(now).order_by("expires_at").values_list("expires_at", flat=True),
        "order": Order.objects.past_deadline(now)
        .order_by("payment_deadline")
        .values_list("payment_deadline", flat=True),
        # Emails of a restored copy are held on purpose.
        "email": Notice.objects.filter(~Exists(SendingHold.objects.all()), state=Notice.State.PENDING, due_at__lte=now)
        .order_by("due_at")
        .values_list("due_at", flat=True),
    }
    due = {kind: since for kind, rows in waiting.items() if (since := rows.first())}
    return ClockHealth(now, last.succeeded_at if last else None, due, _wrong_time(last))


def _wrong_time(last: ClockRun | None) -> str:
    try:
        now = get_verified_time()
    except UntrustedTime as wrong:
        return str(wrong)
    if last is None:
        return ""
    refused_lately = last.refused_at is not None and abs(now.at - last.refused_at) <= MAX_LAG
    return describe_clock_jump(last, now) or (last.refused_because if refused_lately else "")
