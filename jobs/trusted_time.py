"""Trusted time for work that cannot be undone: cancelling, expiring, deleting and sealing.

Such work uses the database's time. It refuses to run if that differs from this machine's clock, or if the clock jumped
since the last run compared with the kernel's uptime, which cannot be set.
"""

import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from django.db import connection
from django.utils import timezone

from jobs.models import ClockRun

MAX_CLOCK_DIFFERENCE = timedelta(seconds=60)
"""Between this machine's clock and the database's, and between elapsed time and uptime since the last run."""
MAX_CLOCK_DRIFT_RATIO = 0.001
"""Maximum relative difference between uptime and a clock that NTP is adjusting."""
BOOT_ID_PATH = Path("/proc/sys/kernel/random/boot_id")
ACCEPT_TIME_HINT = "Once the clocks are right (NTP), run manage.py accept_time to resume."
"""Shown after a clock jump. If this machine's clock differs from the database's, setting it is enough."""

log = logging.getLogger(__name__)


class UntrustedTime(RuntimeError):
    """Raised when the time cannot be trusted; nothing was done. The message gives the reason, for the log."""


@dataclass(frozen=True, slots=True)
class TimeReading:
    """The database's time, and this machine's boot id and uptime at that moment."""

    at: datetime
    boot_id: str
    uptime: float | None


def database_now() -> datetime:
    """Return the database's time (aware). On SQLite it is this machine's."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now


def uptime() -> float | None:
    """Return the seconds since boot, including sleep; None if the kernel does not count them."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else None


@cache
def boot_id() -> str:
    """Return the kernel's id of the current boot; empty if it has none."""
    return BOOT_ID_PATH.read_text().strip() if BOOT_ID_PATH.exists() else ""


def get_verified_time() -> TimeReading:
    """Return the database's time, compared with this machine's clock.

    Raises UntrustedTime if they differ by more than a minute.
    """
    before = timezone.now()
    at = database_now()
    if not before - MAX_CLOCK_DIFFERENCE <= at <= timezone.now() + MAX_CLOCK_DIFFERENCE:
        raise UntrustedTime(
            f"This machine's clock is at {_format_time(before)}, the database's at {_format_time(at)}."
            " Correct the wrong one (NTP)."
        )
    return TimeReading(at, boot_id(), uptime())


def get_time_for_due_work() -> TimeReading:
    """Return the verified time, compared with the last run as well.

    Raises UntrustedTime like `get_verified_time`, and if the clock has jumped since that run.
    """
    now = get_verified_time()
    last = ClockRun.objects.filter(job=ClockRun.Job.SETTLE).first()
    if last and (jump := describe_clock_jump(last, now)):
        raise UntrustedTime(jump)
    return now


def describe_clock_jump(last: ClockRun, now: TimeReading) -> str:
    """Return a message if the clock went back or ran ahead of the uptime since the run `last`, else an empty string."""
    if last.succeeded_at is None:
        return ""
    passed = now.at - last.succeeded_at
    if passed < -MAX_CLOCK_DIFFERENCE:
        last_run = _format_time(last.succeeded_at)
        return f"The time is {_format_time(now.at)}, but the last run was at {last_run}. {ACCEPT_TIME_HINT}"
    if not last.boot_id or last.boot_id != now.boot_id or last.uptime is None or now.uptime is None:
        return ""  # another machine or another boot: uptime cannot be compared
    counted = timedelta(seconds=now.uptime - last.uptime)
    if abs(passed - counted) <= MAX_CLOCK_DIFFERENCE + abs(counted) * MAX_CLOCK_DRIFT_RATIO:
        return ""
    facts = f"since the last run the clock advanced by {passed}, uptime by {counted}"
    return f"The clock jumped to {_format_time(now.at)}: {facts}. {ACCEPT_TIME_HINT}"


def find_time_for_due_work(job: str) -> TimeReading | None:
    """Return the time like `get_time_for_due_work`; None if it cannot be trusted.

    The reason is then logged and recorded for /readyz; `job` names the work in the log.
    """
    try:
        return get_time_for_due_work()
    except UntrustedTime as reason:
        log.error("%s was not run because the time may be wrong: %s", job, reason)
        refused = {"refused_at": database_now(), "refused_because": str(reason)[:500]}
        ClockRun.objects.update_or_create(job=ClockRun.Job.SETTLE, defaults=refused)
        return None


def record_job_run(job: ClockRun.Job, *, reading: TimeReading) -> None:
    """Record that the job that began at `reading` has completed."""
    run = {"succeeded_at": reading.at, "boot_id": reading.boot_id, "uptime": reading.uptime}
    ClockRun.objects.update_or_create(job=job, defaults=run)


def accept_time() -> datetime:
    """Delete the record of the last run, so that due work resumes, and return the time. Raises UntrustedTime."""
    now = get_verified_time()
    ClockRun.objects.all().delete()
    return now.at


def _format_time(at: datetime) -> str:
    return f"{at.astimezone(timezone.get_default_timezone()):%Y-%m-%d %H:%M:%S%z}"
