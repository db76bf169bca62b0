"""Scheduled jobs. A row for each records whether it works, so that a failed one is retried within minutes and reported.

The scheduler sends each job a message every minute. A job with a longer interval runs if that has passed since its last
success, or if a retry after a failure is due. So a job whose worker was killed, or whose message was lost, runs again
a minute later.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from datetime import datetime, timedelta
from functools import wraps
from typing import TypeVar

from django.db.models import F, Q
from django.utils import timezone

from common.anonymous_errors import MAX_DESCRIPTION_CHARS, describe_error_anonymously
from common.errors import DATABASE_UNAVAILABLE_ERRORS
from jobs.models import JobState
from jobs.schedule import SCHEDULER_INTERVAL_SECONDS
from jobs.turns import exclusive_through_commits, exclusive_turn

MINUTE = timedelta(seconds=SCHEDULER_INTERVAL_SECONDS)
MAX_RETRY_MINUTES = 5
"""Retries follow 1, 2, 3, 4, 5, 5, … minutes after a failure."""
JITTER = timedelta(seconds=10)
"""A message may arrive this much early. Without a tolerance the job would wait for the next one."""
MAX_DELAY = timedelta(minutes=30)
"""A job that has not succeeded for its interval and this time is reported as late."""
MIN_RECORD_INTERVAL = timedelta(seconds=30)
"""A job that runs more often does not write its row each time."""

INTERVALS: dict[str, timedelta] = {}
"""Name of each job's task → interval. Filled by `clock_job`."""

R = TypeVar("R")

log = logging.getLogger(__name__)


class JobFailed(Exception):
    """Raised by a job for a known cause that it has logged. The message is for operators and holds no personal data."""


def clock_job(
    *, every: timedelta = MINUTE, lock_key: int | None = None
) -> Callable[[Callable[..., R | None]], Callable[..., R | None]]:
    """Return a decorator for a scheduled task, below `shared_task`, that records each result in the job's row.

    The task gains the argument `if_due`, which the scheduler's messages set: the job then does nothing unless it is
    due. A job returns None if it could not run now, for example because the time is wrong; it is then still due. With
    an interval of zero the job is switched off. A job that must not run on two hosts at once has a `lock_key`, of an
    advisory lock.
    """

    def decorate(run: Callable[..., R | None]) -> Callable[..., R | None]:
        job = f"{run.__module__}.{run.__name__}"
        if every:
            INTERVALS[job] = every

        @wraps(run)
        def recorded(*, if_due: bool = False, **arguments: object) -> R | None:
            if every == MINUTE:  # these share their turns with work that was enqueued (jobs/queueing.py)
                return _record(job, lambda: run(**arguments))
            with _turn(job, lock_key) as acquired:
                if not (every and acquired) or (if_due and not is_due(job, now=timezone.now())):
                    return None
                return _record(job, lambda: run(**arguments))

        return recorded

    return decorate


def _turn(job: str, lock_key: int | None) -> AbstractContextManager[bool]:
    kind = f"job-{job}"
    return exclusive_turn(kind) if lock_key is None else exclusive_through_commits(kind, lock_key)


def is_due(job: str, *, now: datetime) -> bool:
    """Return True if the job's interval, or its wait after a failure, has passed at `now` (aware).

    A recorded time in the future, from a clock that was ahead, counts by its distance.
    """
    state = JobState.objects.filter(job=job).first()
    if state is None:
        return True
    if state.failed_at and state.failing_since:
        since, wait = state.failed_at, MINUTE * min(state.failures, MAX_RETRY_MINUTES)
    elif state.succeeded_at:
        since, wait = state.succeeded_at, INTERVALS[job]
    else:
        return True
    return abs(now - since) >= wait - JITTER


def find_failing_jobs() -> list[JobState]:
    """Return the jobs whose last run failed, the longest failing first."""
    return list(JobState.objects.filter(failing_since__isnull=False, job__in=INTERVALS).order_by("failing_since"))


def find_late_jobs(*, now: datetime) -> list[JobState]:
    """Return the jobs that have run before, but for their interval and MAX_DELAY without success, nor a failure."""
    states = JobState.objects.filter(failing_since=None, succeeded_at__isnull=False, job__in=INTERVALS)
    return [one for one in states if one.succeeded_at and now - one.succeeded_at > INTERVALS[one.job] + MAX_DELAY]


def describe_job_problems(*, now: datetime) -> Iterator[str]:
    """Yield a sentence in English for each job that fails or is late at `now` (aware), for logs and operators."""
    for one in find_failing_jobs():
        yield f"{one.job} fails since {one.failing_since:%Y-%m-%d %H:%M:%S} UTC: {one.error}"
    for one in find_late_jobs(now=now):
        yield f"{one.job} last ran at {one.succeeded_at:%Y-%m-%d %H:%M:%S} UTC: does a worker serve its queue?"


def _record(job: str, run: Callable[[], R | None]) -> R | None:
    try:
        result = run()
    except JobFailed as failure:
        _record_failure(job, str(failure)[:MAX_DESCRIPTION_CHARS])
        return None
    except Exception as error:
        with suppress(*DATABASE_UNAVAILABLE_ERRORS):
            _record_failure(job, describe_error_anonymously(error))
        raise
    if result is not None:
        _record_success(job)
    return result


def _record_failure(job: str, error: str) -> None:
    now = timezone.now()
    log.error("job %s failed, and will be retried within minutes: %s", job, error)
    JobState.objects.get_or_create(job=job)
    JobState.objects.filter(job=job, failing_since=None).update(failing_since=now)
    JobState.objects.filter(job=job).update(failed_at=now, failures=F("failures") + 1, error=error)


def _record_success(job: str) -> None:
    now = timezone.now()
    row = JobState.objects.filter(job=job)
    is_recent = Q(failing_since=None, succeeded_at__gt=now - MIN_RECORD_INTERVAL, succeeded_at__lte=now)
    works = {"succeeded_at": now, "failing_since": None, "failures": 0, "error": ""}
    if not row.exclude(is_recent).update(**works) and not row.exists():
        JobState.objects.get_or_create(job=job, defaults=works)
