"""Dates and times as the document prints them, in the account's time zone."""

from datetime import datetime, timedelta, tzinfo


def print_date(instant: datetime, zone: tzinfo) -> str:
    """2026-11-22."""
    return instant.astimezone(zone).date().isoformat()


def print_time(instant: datetime, zone: tzinfo) -> str:
    """2026-11-22 12:00, with the seconds where there are some."""
    local = instant.astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M:%S}" if local.second else f"{local:%Y-%m-%d %H:%M}"


def print_zone(zone: tzinfo, instant: datetime) -> str:
    """Asia/Shanghai (UTC+08:00). A zone with summer time is printed without the offset, an offset without a name."""
    local = instant.astimezone(zone)
    offset = f"{local:%z}"
    offset = f"UTC{offset[:3]}:{offset[3:5]}"
    name = getattr(zone, "key", "")
    if not name:
        return offset
    half_a_year_on = (instant + timedelta(days=182)).astimezone(zone)
    return f"{name} ({offset})" if half_a_year_on.utcoffset() == local.utcoffset() else name
