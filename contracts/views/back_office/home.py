"""Context of the home page: the queues that wait for staff, and what was issued."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import CertificationRequest, Proposal
from common.days import end_of_day
from contracts.health.clock_health import clock_health
from contracts.health.seal_check import seal_facts
from contracts.models import Contract, VoidTicket
from contracts.trail.daily_seals import last_seal
from contracts.types import CHOICES, TYPES
from contracts.views.back_office.charts import Chart, chart
from contracts.views.back_office.monthly_figures import Issued, issued_by_month
from jobs.clock_jobs import find_failing_jobs
from jobs.holding import get_sending_hold_start

MAX_QUEUE_ROWS = 8
MAX_QUEUE_COUNT = 1_000
"""Rows counted exactly; longer queues are shown as 1,000+."""
UNITS = (1, 1_000, 1_000_000)
"""Units of the amounts in the chart. The first one that keeps the labels short is used."""
MAX_LABEL_VALUE = 100_000


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue: its first rows and its length."""

    rows: list[Any]
    count: int

    @property
    def counted(self) -> str:
        return f"{self.count:,}" if self.count < MAX_QUEUE_COUNT else f"{MAX_QUEUE_COUNT:,}+"

    @property
    def more(self) -> bool:
        return self.count > len(self.rows)


def home_facts(user: AbstractUser, *, now: datetime) -> dict[str, Any]:
    """Return the queues and charts that `user` may see; `now` is aware (R5, R11, R24, R45)."""
    facts: dict[str, Any] = {"now": now}
    if user.has_perm("contracts.view_voidticket"):
        tickets = VoidTicket.objects.waiting(now).select_related("contract__account")
        facts["tickets"] = _queue(tickets)
    if user.has_perm("accounts.view_certificationrequest"):
        requests = CertificationRequest.objects.filter(status=CertificationRequest.Status.PENDING)
        facts["certifications"] = _queue(requests.select_related("account").order_by("pk"))
    if settings.FOUR_EYES and user.has_perm("accounts.decide_proposal"):
        facts["proposals"] = _queue(Proposal.objects.filter(status=Proposal.Status.OPEN).order_by("pk"))
    if user.has_perm("contracts.view_contract"):
        contracts = Contract.objects.filter(is_test=False).select_related("account")  # as the lists that they lead to
        facts["flagged"] = _queue(contracts.flagged().order_by("-applied_at", "-pk"))
        facts["ending"] = _queue(contracts.ending(now, end_of_day(now)).order_by("expires_at", "pk"))
        facts["clock"] = clock_health(now=now)
        facts["failing_jobs"] = find_failing_jobs()
        facts["held_since"] = get_sending_hold_start()
        facts["seal"] = seal_facts(now=now)
        facts["trail"] = last_seal(now=now)
        facts |= _issued(now)
    return facts


def _queue(rows: "QuerySet[Any, Any]") -> Queue:
    """Fetch the queue, in one statement if all rows are shown."""
    shown = list(rows[: MAX_QUEUE_ROWS + 1])
    if len(shown) <= MAX_QUEUE_ROWS:
        return Queue(shown, len(shown))
    return Queue(shown[:MAX_QUEUE_ROWS], rows.order_by().values("pk")[:MAX_QUEUE_COUNT].count())


def _issued(now: datetime) -> dict[str, Any]:
    months, issued = issued_by_month(now=now)
    if not issued:
        return {"charts": [], "figures": []}
    counts = chart(
        _("Contracts"), _stacks(months, ((row, Decimal(row.contracts)) for row in issued)), lambda n: f"{n:,.0f}"
    )
    currencies = sorted({row.currency for row in issued}, key=lambda code: (code != "CNY", code))
    figures = sorted(issued, key=lambda row: (row.currency, row.type))
    figures.sort(key=lambda row: row.month, reverse=True)
    named = [(row, TYPES[row.type].label) for row in figures]
    return {
        "charts": [counts, *(_amounts(months, issued, currency) for currency in currencies)],
        "figures": named,
        "kinds": CHOICES,
    }


def _amounts(months: list[date], issued: list[Issued], currency: str) -> Chart:
    stacks = _stacks(months, ((row, row.amount) for row in issued if row.currency == currency))
    highest = max(sum(values.values(), Decimal(0)) for _month, values in stacks)
    unit = next((unit for unit in UNITS if highest / unit < MAX_LABEL_VALUE), UNITS[-1])
    titles = {
        1: _("Amount in %(currency)s"),
        1_000: _("Amount in thousand %(currency)s"),
        1_000_000: _("Amount in million %(currency)s"),
    }
    return chart(titles[unit] % {"currency": currency}, stacks, lambda amount: f"{amount / unit:,.0f}")


def _stacks(months: list[date], values: Iterable[tuple[Issued, Decimal]]) -> list[tuple[date, dict[str, Decimal]]]:
    """Return month → type → sum, over all currencies of `values`."""
    sums = {month: {kind: Decimal(0) for kind in TYPES} for month in months}
    for row, value in values:
        sums[row.month][row.type] += value
    return list(sums.items())
