"""Number and total amount of contracts that became official, by month."""

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.core.cache import cache
from django.db.models import Count
from django.db.models.functions import TruncMonth
from django.utils import timezone

from common.money_fields import SumOfMoney
from contracts.models import Contract

MONTHS = 12
PAST_CACHE_SECONDS, CURRENT_CACHE_SECONDS = 3600, 60
"""Cache lifetimes of past months, which only change by conversions begun before midnight, and of this month."""


class Issued(NamedTuple):
    """Contracts that became official in one month, whatever their status now, without those of test accounts (R48)."""

    month: date
    type: str
    currency: str
    contracts: int
    amount: Decimal


def issued_by_month(*, now: datetime) -> tuple[list[date], list[Issued]]:
    """Return the first days of the last twelve months in the office's time zone, and the figures of these months.

    `now` is aware. Months, types and currencies without contracts have no row.
    """
    this = timezone.localtime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    firsts = [_months_before(this, count) for count in range(MONTHS - 1, -1, -1)]
    past = cache.get_or_set(
        f"issued-{firsts[0]:%Y-%m}-{this:%Y-%m}", lambda: _sums(firsts[0], this), PAST_CACHE_SECONDS
    )
    current = cache.get_or_set(f"issued-{this:%Y-%m}", lambda: _sums(this, None), CURRENT_CACHE_SECONDS)
    return [first.date() for first in firsts], [*(past or []), *(current or [])]


def _months_before(first: datetime, count: int) -> datetime:
    months = first.year * 12 + first.month - 1 - count
    return first.replace(year=months // 12, month=months % 12 + 1)


def _sums(start: datetime, end: datetime | None) -> list[Issued]:
    issued = Contract.objects.filter(is_test=False, official_at__gte=start, **({"official_at__lt": end} if end else {}))
    months = issued.order_by().annotate(month=TruncMonth("official_at")).values("month", "type", "currency")
    return [
        Issued(row["month"].date(), row["type"], row["currency"], row["contracts"], row["amount"])
        for row in months.annotate(contracts=Count("pk"), amount=SumOfMoney("total_amount"))
    ]
