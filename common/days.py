"""Days as people mean them: those of their account's time zone, and for staff those of the office's."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone

EARLIEST, LATEST = date(1900, 1, 1), date(9000, 1, 1)
"""Days beyond these cannot be told in every time zone, and nothing is dated there."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Days in an account's time zone, both included; None is open."""

    first: date | None
    last: date | None

    @classmethod
    def month_of(cls, now: datetime, zone: ZoneInfo) -> "Interval":
        """The calendar month around `now` (aware) in `zone`: where the picker opens (R9)."""
        first = now.astimezone(zone).date().replace(day=1)
        following = (first + timedelta(days=32)).replace(day=1)
        return cls(first, following - timedelta(days=1))

    def on(self, field: str, zone: ZoneInfo) -> Q:
        """The condition that the datetime `field` falls on these days of `zone`; days beyond all reach are open."""
        condition = Q()
        if self.first and self.first > EARLIEST:
            condition &= Q(**{f"{field}__gte": datetime.combine(self.first, time.min, zone)})
        if self.last and self.last < LATEST:
            condition &= Q(**{f"{field}__lt": datetime.combine(self.last + timedelta(days=1), time.min, zone)})
        return condition


def end_of_day(now: datetime) -> datetime:
    """The last instant of today (`now` is aware) in the time zone of the office."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1) - timedelta(microseconds=1)
