"""Every offset that a document prints is that of each instant in it."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from common.utc_offsets import format_utc_offset
from contracts.pdf import render_draft
from contracts.pdf.dates import print_zone
from tests.contracts.pdf.reading import needs_poppler, pages_of_text
from tests.contracts.pdf.samples import order_line, snapshot

SPRING = datetime(2026, 4, 10, tzinfo=UTC)


@pytest.mark.parametrize("month", range(1, 13))
@pytest.mark.parametrize("zone", ["Europe/Paris", "America/New_York", "Australia/Sydney", "Africa/Casablanca"])
def test_a_zone_with_summer_time_has_no_offset(zone, month):
    assert print_zone(ZoneInfo(zone), SPRING.replace(month=month)) == zone


@pytest.mark.parametrize(
    ("zone", "printed"),
    [
        (ZoneInfo("Asia/Shanghai"), "Asia/Shanghai (UTC+08:00)"),
        (ZoneInfo("Asia/Kolkata"), "Asia/Kolkata (UTC+05:30)"),
        (ZoneInfo("America/Sao_Paulo"), "America/Sao_Paulo (UTC-03:00)"),
        (timezone(timedelta(hours=2)), "UTC+02:00"),
    ],
)
def test_any_other_zone_has_one(zone, printed):
    assert print_zone(zone, SPRING) == printed


def test_an_offset_that_another_instant_does_not_have_is_not_printed():
    istanbul, before_2016 = ZoneInfo("Europe/Istanbul"), SPRING.replace(year=2016, month=1)
    assert print_zone(istanbul, SPRING) == "Europe/Istanbul (UTC+03:00)"
    assert print_zone(istanbul, SPRING, before_2016) == "Europe/Istanbul"


def test_an_offset_is_that_of_its_own_instant():
    paris = ZoneInfo("Europe/Paris")
    assert [format_utc_offset(at.astimezone(paris)) for at in (SPRING, SPRING.replace(month=12))] == [
        "UTC+02:00",
        "UTC+01:00",
    ]


@needs_poppler
def test_a_document_asks_all_its_lines(tmp_path):
    old = SPRING.replace(year=2016, month=1)
    for start, printed in ((SPRING, "Europe/Istanbul (UTC+03:00)"), (old, "Europe/Istanbul.")):
        line = order_line(service_start=start, service_end=SPRING + timedelta(days=365))
        pdf = render_draft(snapshot(lines=[line], applied_at=SPRING, time_zone=ZoneInfo("Europe/Istanbul")))
        assert printed in "".join(pages_of_text(pdf, tmp_path))
