"""How long something takes, and which UTC offset a time has, in both languages."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from common.durations import format_duration, format_moment, format_short_utc_offset

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("span", "english", "chinese"),
    [
        (timedelta(days=6, hours=21, minutes=40), "6 days, 21 hours", "6 天 21 小时"),
        (timedelta(days=1), "1 day", "1 天"),
        (timedelta(days=40, minutes=59), "40 days", "40 天"),
        (timedelta(hours=1, minutes=1), "1 hour, 1 minute", "1 小时 1 分钟"),
        (timedelta(minutes=59, seconds=59), "59 minutes", "59 分钟"),
        (timedelta(seconds=59), "less than a minute", "不到 1 分钟"),
        (timedelta(days=-3), "less than a minute", "不到 1 分钟"),
    ],
)
def test_the_two_largest_parts_are_printed(span, english, chinese):
    with translation.override("en"):
        assert format_duration(NOON, NOON + span) == english
    with translation.override("zh-hans"):
        assert format_duration(NOON, NOON + span) == chinese


@pytest.mark.parametrize(
    ("zone", "offset"),
    [
        ("Asia/Shanghai", "UTC+8"),
        ("Asia/Kolkata", "UTC+5:30"),
        ("America/St_Johns", "UTC-3:30"),
        ("America/New_York", "UTC-5"),
        ("UTC", "UTC"),
    ],
)
def test_an_offset_is_printed_and_no_abbreviation(zone, offset):
    assert format_short_utc_offset(NOON.astimezone(ZoneInfo(zone))) == offset


def test_a_moment_has_the_offset_of_its_own_day():
    with timezone.override(ZoneInfo("Europe/Paris")):
        assert format_moment(datetime(2026, 4, 10, 10, tzinfo=UTC)) == "2026-04-10 12:00 (UTC+2)"
        assert format_moment(datetime(2026, 1, 10, 10, tzinfo=UTC)) == "2026-01-10 11:00 (UTC+1)"
