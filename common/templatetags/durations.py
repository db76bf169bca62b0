"""Template filters for durations and times."""

from datetime import datetime

from django import template
from django.utils import timezone

from common.durations import format_duration, format_moment

register = template.Library()


@register.filter
def left_at(until: datetime, now: datetime | None = None) -> str:
    """`{{ order.payment_deadline|left_at:row.now }}`: "6 days, 21 hours"."""
    return format_duration(now or timezone.now(), until)


@register.filter
def age_at(since: datetime, now: datetime) -> str:
    """`{{ ticket.opened_at|age_at:now }}`: "6 days, 21 hours"."""
    return format_duration(since, now)


@register.filter
def moment(instant: datetime) -> str:
    """`{{ verdict.sealed_at|moment }}`: "2026-11-22 12:00 (UTC+8)"."""
    return format_moment(instant)
