"""Format dates and times for the document, in the account's time zone."""

from datetime import datetime, timedelta, tzinfo

from common.utc_offsets import format_utc_offset

OFFSET_WEEKS = 52
"""Weeks before and after an instant that are checked for another offset. Morocco's differs for five weeks a year."""


def print_date(instant: datetime, zone: tzinfo) -> str:
    """Return "2026-11-22"."""
    return instant.astimezone(zone).date().isoformat()


def print_time(instant: datetime, zone: tzinfo) -> str:
    """Return "2026-11-22 12:00", with seconds unless they are zero."""
    local = instant.astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M:%S}" if local.second else f"{local:%Y-%m-%d %H:%M}"


def print_period(start: datetime | None, end: datetime | None, zone: tzinfo) -> str:
    """Return "2026-11-22 – 2027-11-21", or a dash without a start."""
    if start is None:
        return "–"
    return f"{print_date(start, zone)} – {print_date(end, zone) if end else ''}".strip()


def print_zone(zone: tzinfo, *instants: datetime) -> str:
    """Return "Asia/Shanghai (UTC+08:00)".

    The offset is left out unless it is the same for all `instants` and for a year before and after the first.
    """
    first = instants[0].astimezone(zone)
    offset, name = format_utc_offset(first), getattr(zone, "key", "")
    if not name:
        return offset
    around = (instants[0] + timedelta(weeks=week) for week in range(-OFFSET_WEEKS, OFFSET_WEEKS + 1))
    constant = all(at.astimezone(zone).utcoffset() == first.utcoffset() for at in (*instants, *around))
    return f"{name} ({offset})" if constant else name
