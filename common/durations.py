"""Format durations, times and UTC offsets for pages in both languages."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

MINUTES_PER_DAY = 24 * 60


def format_duration(since: datetime, until: datetime) -> str:
    """Return the two largest units: "6 days, 21 hours", "3 hours, 5 minutes", "40 minutes"."""
    minutes = max(0, int((until - since).total_seconds()) // 60)
    days, rest = divmod(minutes, MINUTES_PER_DAY)
    hours, minutes = divmod(rest, 60)
    parts = [
        (days, ngettext("%(count)d day", "%(count)d days", days)),
        (hours, ngettext("%(count)d hour", "%(count)d hours", hours)),
        (0 if days else minutes, ngettext("%(count)d minute", "%(count)d minutes", minutes)),
    ]
    shown = [text % {"count": count} for count, text in parts if count]
    if len(shown) == 2:
        return _("%(larger)s, %(smaller)s") % {"larger": shown[0], "smaller": shown[1]}
    return shown[0] if shown else _("less than a minute")


def format_short_utc_offset(instant: datetime) -> str:
    """Return the UTC offset of an aware time: "UTC+8", "UTC-3:30", "UTC"."""
    offset = f"{instant:%z}"
    hours, minutes = int(offset[1:3]), int(offset[3:5])
    if not hours and not minutes:
        return "UTC"
    return f"UTC{offset[0]}{hours}" + (f":{minutes:02}" if minutes else "")


def format_moment(instant: datetime) -> str:
    """Return "2026-11-22 12:00 (UTC+8)", in the current time zone."""
    local = timezone.localtime(instant)
    return f"{date_format(local, 'Y-m-d H:i')} ({format_short_utc_offset(local)})"
