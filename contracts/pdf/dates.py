"""Dates and times as the document prints them, in the account's time zone."""

from datetime import datetime, timedelta, tzinfo

from common.utc_offsets import format_utc_offset

WEEKS = 52
"""Before and after an instant. Morocco's offset differs for five weeks of a year only."""


def print_date(instant: datetime, zone: tzinfo) -> str:
    """2026-11-22."""
    return instant.astimezone(zone).date().isoformat()


def print_time(instant: datetime, zone: tzinfo) -> str:
    """2026-11-22 12:00, with the seconds where there are some."""
    local = instant.astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M:%S}" if local.second else f"{local:%Y-%m-%d %H:%M}"


def print_period(start: datetime | None, end: datetime | None, zone: tzinfo) -> str:
    """2026-11-22 – 2027-11-21; a dash for no period."""
    if start is None:
        return "–"
    return f"{print_date(start, zone)} – {print_date(end, zone) if end else ''}".strip()


def print_zone(zone: tzinfo, *instants: datetime) -> str:
    """Asia/Shanghai (UTC+08:00). No offset where it is not that of all `instants` and of a year around the first."""
    first = instants[0].astimezone(zone)
    offset, name = format_utc_offset(first), getattr(zone, "key", "")
    if not name:
        return offset
    around = (instants[0] + timedelta(weeks=week) for week in range(-WEEKS, WEEKS + 1))
    constant = all(at.astimezone(zone).utcoffset() == first.utcoffset() for at in (*instants, *around))
    return f"{name} ({offset})" if constant else name
