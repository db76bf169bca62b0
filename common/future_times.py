"""Check that times reported by other systems are not in the future, allowing for clock differences."""

from datetime import date, datetime, timedelta

from django.utils import timezone

CLOCK_TOLERANCE = timedelta(minutes=5)


def is_future(at: datetime, *, now: datetime) -> bool:
    """Return True if the time is more than CLOCK_TOLERANCE after `now`; both are aware."""
    return at > now + CLOCK_TOLERANCE


def is_future_day(day: date, *, now: datetime) -> bool:
    """Return True if the day has not begun yet in the office's time zone."""
    return day > timezone.localdate(now + CLOCK_TOLERANCE)
