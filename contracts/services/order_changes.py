"""Compare an order with the snapshot in its contract (R22)."""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.money import format_amount, plain_percent
from contracts.documents.snapshots import read_line
from contracts.models import Contract, ContractOrder
from contracts.pdf.dates import print_time, print_zone
from orders.models import Order

SENTENCES: dict[str, Promise] = {
    "currency": gettext_lazy(
        "The currency of order %(number)s was %(before)s when the contract was drafted and is %(after)s now."
    ),
    "amount": gettext_lazy(
        "The amount of order %(number)s was %(before)s when the contract was drafted and is %(after)s now."
    ),
    "list_amount": gettext_lazy(
        "The list amount of order %(number)s was %(before)s when the contract was drafted and is %(after)s now."
    ),
    "quantity": gettext_lazy(
        "The quantity of order %(number)s was %(before)s when the contract was drafted and is %(after)s now."
    ),
    "tax": gettext_lazy(
        "The tax of order %(number)s was %(before)s when the contract was drafted and is %(after)s now."
    ),
    "period": gettext_lazy(
        "The service period of order %(number)s was %(before)s when the contract was drafted and is %(after)s now."
    ),
}
"""Fact → sentence about its change."""


def describe_changes(order: Order, line: ContractOrder, contract: Contract) -> list[str]:
    """Return a sentence for each fact of `order` that differs from its `line`. The contract's account is loaded."""
    return [
        SENTENCES[fact] % {"number": order.number, "before": before, "after": after}
        for fact, before, after in _differences(order, line, contract)
    ]


def _differences(order: Order, line: ContractOrder, contract: Contract) -> Iterator[tuple[str, str, str]]:
    drafted = read_line(line.snapshot)
    if order.currency != contract.currency:
        yield "currency", contract.currency, order.currency
    for fact, name in (("amount", "payable_amount"), ("list_amount", "list_amount")):
        before, after = getattr(drafted, name), getattr(order, name)
        if before != after:
            yield fact, format_amount(before, contract.currency), format_amount(after, order.currency)
    for fact, before, after in (
        ("quantity", *(f"{of.quantity} {of.unit}".strip() for of in (drafted, order))),
        ("tax", *(_format_tax(of.tax_rate, of.tax_amount, contract.currency) for of in (drafted, order))),
    ):
        if before != after:
            yield fact, before, after
    periods = (drafted.service_start, drafted.service_end), (order.service_start, order.service_end)
    if periods[0] != periods[1]:
        before, after = (_format_period(start, end, contract.account.tzinfo) for start, end in periods)
        yield "period", before, after


def _format_tax(rate: Decimal | None, amount: Decimal | None, currency: str) -> str:
    if rate is None or amount is None:
        return _("not set")
    return f"{format_amount(amount, currency)} ({plain_percent(rate)}%)"


def _format_period(start: datetime | None, end: datetime | None, zone: tzinfo) -> str:
    if start is None or end is None:
        return _("not set")
    return f"{print_time(start, zone)} – {print_time(end, zone)} {print_zone(zone, start)}"
