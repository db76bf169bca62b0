"""How many contracts a filter finds, and what they sum to."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count

from common.money_fields import SumOfMoney
from common.paging import Page
from contracts.models import Contract
from contracts.models.querysets import ContractQuerySet

MAX_COUNTED = 10_000
"""Contracts up to which a list is counted and summed; reading more would take longer than the page."""

MAX_COUNTED_FOUND = 1_000
"""The same for a search, whose contracts lie anywhere in a long history: each takes a page of the disk or two."""


@dataclass(frozen=True, slots=True)
class Totals:
    count: int
    sums: list[tuple[str, Decimal]]
    """Total amount by currency, the most frequent first; empty if there are more than are counted."""
    more: bool
    """True if there are more than `count`."""


def get_totals(contracts: ContractQuerySet, page: Page[Contract] | None = None, *, is_search: bool = False) -> Totals:
    """Return the totals of the contracts, with one query; without one if `page` of them has them all."""
    most = MAX_COUNTED_FOUND if is_search else MAX_COUNTED
    if page and page.number == 1 and not page.more:
        return _add_up(page.rows)
    found = Contract.objects.filter(pk__in=contracts.order_by().values("pk")[: most + 1])
    sums = found.order_by().values("currency").annotate(sum=SumOfMoney("total_amount"), number=Count("pk"))
    rows = list(sums.order_by("-number", "currency"))
    count = sum(row["number"] for row in rows)
    if count > most:
        return Totals(most, [], more=True)
    return Totals(count, [(row["currency"], row["sum"]) for row in rows], more=False)


def _add_up(contracts: Sequence[Contract]) -> Totals:
    numbers = Counter(contract.currency for contract in contracts)
    currencies = sorted(numbers, key=lambda currency: (-numbers[currency], currency))
    sums = [
        (currency, sum((one.total_amount for one in contracts if one.currency == currency), Decimal(0)))
        for currency in currencies
    ]
    return Totals(len(contracts), sums, more=False)
