"""Whether the clock keeps up, when it last went through, and what has been due for how long (R20)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists

from contracts.models import Contract
from emails.models import Notice
from jobs.models import ClockRun, SendingHold
from jobs.trusted_time import UntrustedTime, describe_clock_jump, read_time
from orders.models import Order

PATIENCE = timedelta(minutes=5)
"""The clock comes every minute. Later than this, somebody has to look."""


@dataclass(frozen=True, slots=True)
class ClockHealth:
    now: datetime
    last_run: datetime | None
    """None on a system whose clock has never run."""
    oldest_due: datetime | None
    """Since when the contract, order or email that has waited longest is due; None where nothing is."""
    wrong: str
    """Why due work is refused, here or by a worker that said so lately; empty where the time is sound."""

    @property
    def lag(self) -> timedelta:
        return self.now - self.oldest_due if self.oldest_due else timedelta(0)

    @property
    def late(self) -> bool:
        stopped = self.last_run is not None and self.now - self.last_run > PATIENCE
        return stopped or self.lag > PATIENCE


def clock_health(*, now: datetime) -> ClockHealth:
    """How the clock stands at `now` (aware): four short statements, each answered by an index, and one for the time."""
    last = ClockRun.objects.filter(job=ClockRun.Job.SETTLE).first()
    due = (
        Contract.objects.expired(now).order_by("expires_at").values_list("expires_at", flat=True),
        Order.objects.past_deadline(now).order_by("payment_deadline").values_list("payment_deadline", flat=True),
        # In a restored copy emails wait by intent.
        Notice.objects.filter(~Exists(SendingHold.objects.all()), state=Notice.State.PENDING, due_at__lte=now)
        .order_by("due_at")
        .values_list("due_at", flat=True),
    )
    oldest = [since for rows in due if (since := rows.first())]
    return ClockHealth(now, last.succeeded_at if last else None, min(oldest, default=None), _wrong_time(last))


def _wrong_time(last: ClockRun | None) -> str:
    try:
        now = read_time()
    except UntrustedTime as wrong:
        return str(wrong)
    if last is None:
        return ""
    refused_lately = last.refused_at is not None and abs(now.at - last.refused_at) <= PATIENCE
    return describe_clock_jump(last, now) or (last.refused_because if refused_lately else "")
