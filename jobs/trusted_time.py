"""The time that work which cannot be undone goes by, and whether the background clock keeps up.

Cancelling, ending, deleting and sealing cannot be taken back, so they do not trust one machine's clock. They take the
database's time, and refuse where it differs from this machine's, or where time leapt since the last run: by the seconds
that the kernel has counted, which cannot be set.
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

TOLERANCE = timedelta(seconds=60)
"""Between the clocks of this machine and of the database, and for a leap since the last run."""
DRIFT = 0.001
"""By how much the kernel's seconds may be longer or shorter than those of a clock that is being corrected."""
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
REPAIR = "Once the clocks are right (NTP), manage.py accept_time lets the work go on."
"""After a leap. A clock that differs from the database's only has to be set."""

log = logging.getLogger(__name__)


class WrongTime(RuntimeError):
    """The time cannot be trusted, so nothing was done. The sentence says why, for the log."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The time by the database, and what the kernel had counted then."""

    at: datetime
    boot_id: str
    uptime: float | None


def database_now() -> datetime:
    """The time by the database's clock, aware. SQLite has none of its own: it is this machine's."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now


def uptime() -> float | None:
    """Seconds since the machine started, sleep included; None where the kernel does not count them."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else None


@cache
def boot_id() -> str:
    """The kernel's id of this start of the machine; empty where it has none."""
    return BOOT_ID.read_text().strip() if BOOT_ID.exists() else ""


def read_time() -> Reading:
    """The database's time. Raises WrongTime where this machine's clock differs from it by more than TOLERANCE."""
    before = timezone.now()
    at = database_now()
    if not before - TOLERANCE <= at <= timezone.now() + TOLERANCE:
        raise WrongTime(
            f"This machine's clock says {_shown(before)}, the database's {_shown(at)}. Set the wrong one (NTP)."
        )
    return Reading(at, boot_id(), uptime())


def read_time_for_due_work() -> Reading:
    """As `read_time`. Raises WrongTime where time leapt since the last sweep, too."""
    now = read_time()
    last = ClockRun.objects.filter(job=ClockRun.Job.SETTLE).first()
    if last and (leap := leap_since(last, now)):
        raise WrongTime(leap)
    return now


def leap_since(last: ClockRun, now: Reading) -> str:
    """A sentence where time went back, or leapt by more than the kernel counted, since the run `last`; else empty."""
    if last.succeeded_at is None:
        return ""
    passed = now.at - last.succeeded_at
    if passed < -TOLERANCE:
        return f"It is {_shown(now.at)}, and the last run was at {_shown(last.succeeded_at)}. {REPAIR}"
    if not last.boot_id or last.boot_id != now.boot_id or last.uptime is None or now.uptime is None:
        return ""  # another machine, or another start of it: nothing counted what has passed between
    counted = timedelta(seconds=now.uptime - last.uptime)
    if abs(passed - counted) <= TOLERANCE + abs(counted) * DRIFT:
        return ""
    facts = f"by the clock {passed} passed since the last run, by the kernel {counted}"
    return f"Time leapt: it is {_shown(now.at)}, and {facts}. {REPAIR}"


def sound_time_or_log(job: str) -> Reading | None:
    """The time for due work; None, with the reason in the log and for /readyz, where it cannot be trusted."""
    try:
        return read_time_for_due_work()
    except WrongTime as wrong:
        log.error("%s was not run, for the time may be wrong: %s", job, wrong)
        refused = {"refused_at": database_now(), "refused_because": str(wrong)[:500]}
        ClockRun.objects.update_or_create(job=ClockRun.Job.SETTLE, defaults=refused)
        return None


def ran(job: ClockRun.Job, *, reading: Reading) -> None:
    """Record that a job that began at `reading` went through to its end."""
    run = {"succeeded_at": reading.at, "boot_id": reading.boot_id, "uptime": reading.uptime}
    ClockRun.objects.update_or_create(job=job, defaults=run)


def accept_time() -> datetime:
    """Forget the last run, so that due work goes on from the time that it is now; returns that. Raises WrongTime."""
    now = read_time()
    ClockRun.objects.all().delete()
    return now.at


def _shown(at: datetime) -> str:
    return f"{at.astimezone(timezone.get_default_timezone()):%Y-%m-%d %H:%M:%S%z}"
