"""Whether the background clock keeps up: told by rows, not by processes that say they live."""

from datetime import datetime

from billing.models import ClockRun


def ran(job: ClockRun.Job, *, at: datetime) -> None:
    """Note that a job of the clock that began at `at` (aware) went through to its end."""
    ClockRun.objects.update_or_create(job=job, defaults={"succeeded_at": at})
