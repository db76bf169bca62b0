"""Times that other systems report: none may be in the future, and their clocks may differ a little from ours."""

from datetime import date, datetime, timedelta

from django.utils import timezone

CLOCK_TOLERANCE = timedelta(minutes=5)


def is_future(at: datetime, *, now: datetime) -> bool:
    """Whether the time lies further ahead of `now` than clocks differ; both are aware."""
    return at > now + CLOCK_TOLERANCE


def is_future_day(day: date, *, now: datetime) -> bool:
    """Whether the day has not begun yet in the time zone of the office."""
    return day > timezone.localdate(now + CLOCK_TOLERANCE)
