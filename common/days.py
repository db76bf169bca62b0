"""Calendar days in a time zone: the account's for customers, the office's for staff."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone

EARLIEST_DAY, LATEST_DAY = date(1900, 1, 1), date(9000, 1, 1)
"""Days outside this range cannot be converted to every time zone. No record is dated there."""


@dataclass(frozen=True, slots=True)
class Interval:
    """An inclusive range of days in an account's time zone; None leaves that end open."""

    first: date | None
    last: date | None

    @classmethod
    def month_of(cls, now: datetime, zone: ZoneInfo) -> "Interval":
        """Return the calendar month of `now` (aware) in `zone`, the picker's default (R9)."""
        first = now.astimezone(zone).date().replace(day=1)
        following = (first + timedelta(days=32)).replace(day=1)
        return cls(first, following - timedelta(days=1))

    def on(self, field: str, zone: ZoneInfo) -> Q:
        """Return a filter for rows whose datetime `field` falls on these days in `zone`."""
        condition = Q()
        if self.first and self.first > EARLIEST_DAY:
            condition &= Q(**{f"{field}__gte": datetime.combine(self.first, time.min, zone)})
        if self.last and self.last < LATEST_DAY:
            condition &= Q(**{f"{field}__lt": datetime.combine(self.last + timedelta(days=1), time.min, zone)})
        return condition


def end_of_day(now: datetime) -> datetime:
    """Return the last microsecond of the day of `now` (aware) in the office's time zone."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1) - timedelta(microseconds=1)
