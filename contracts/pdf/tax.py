"""The tax of the orders, summed by rate (R35). Nothing is printed if no order states a tax."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from common.money import format_figure, plain_percent
from contracts.pdf.fonts import BOLD, REGULAR
from contracts.pdf.labels import Labels
from contracts.pdf.layout import ACCENT, GREY, HAIRLINE, LEFT, RULE, WIDTH, Box, Column, Strip, Style, Text
from contracts.pdf.snapshot import ContractSnapshot, Line
from contracts.pdf.tags import COLUMN_HEAD, ROW_HEAD, Tag, tag_cells

SIZE = 7.5
ROW_HEIGHT = 15.0
BASELINE = 10.5
AMOUNT_WIDTH = 112.0
"""Room for the largest total of 200 orders in a currency with three decimals."""
MAX_ROWS_TOGETHER = 12
"""Up to as many rates stay on one page."""
COLUMNS = ("tax_rate", "net", "tax", "gross")
START = LEFT + WIDTH - AMOUNT_WIDTH * len(COLUMNS)
TEXT_STYLE, TOTAL_STYLE = Style(REGULAR, SIZE), Style(BOLD, SIZE, ACCENT)
NOTE_STYLE = Style(REGULAR, SIZE, GREY)


class TaxGroup(NamedTuple):
    """The orders with one tax rate. `net` and `tax` are None for the orders that state no tax."""

    rate: Decimal | None
    net: Decimal | None
    tax: Decimal | None
    gross: Decimal


def has_tax(snapshot: ContractSnapshot) -> bool:
    return any(line.tax_rate is not None for line in snapshot.lines)


def print_rate(rate: Decimal | None) -> str:
    return "–" if rate is None else f"{plain_percent(rate)}%"


def group_by_rate(lines: Iterable[Line]) -> list[TaxGroup]:
    """Return the sums for each rate, lowest first; orders without a rate come last."""
    groups: dict[Decimal | None, TaxGroup] = {}
    for line in lines:
        _rate, net, tax, gross = groups.get(line.tax_rate, TaxGroup(None, Decimal(0), Decimal(0), Decimal(0)))
        if line.tax_rate is None or line.tax_amount is None or net is None or tax is None:
            groups[None] = TaxGroup(None, None, None, gross + line.payable_amount)
        else:
            net += line.payable_amount - line.tax_amount
            groups[line.tax_rate] = TaxGroup(line.tax_rate, net, tax + line.tax_amount, gross + line.payable_amount)
    return sorted(groups.values(), key=lambda group: (group.rate is None, group.rate or Decimal(0)))


def tax_summary(snapshot: ContractSnapshot, labels: Labels) -> list[Strip]:
    """Return a table with net, tax and gross for each rate and in total, and the note that amounts include tax.

    The total has no net and tax if an order states no tax.
    """
    if not has_tax(snapshot):
        return []
    groups = group_by_rate(snapshot.lines)
    whole = groups[-1].rate is not None
    net, tax = (
        sum((getattr(group, name) for group in groups), Decimal(0)) if whole else None for name in ("net", "tax")
    )
    total = TaxGroup(None, net, tax, snapshot.total_amount)
    strips = [_head(labels)]
    for group in groups:
        label = labels("no_tax_rate") if group.rate is None else print_rate(group.rate)
        strips.append(_row(label, group, snapshot.currency, TEXT_STYLE))
    strips.append(_row(labels("tax_total"), total, snapshot.currency, TOTAL_STYLE))
    table, head = Tag("Table"), Tag("TH", attributes=COLUMN_HEAD)
    first_cell = Tag("TH", attributes=ROW_HEAD)
    for n, strip in enumerate(strips):
        kinds = [first_cell, *[Tag("TD")] * (len(COLUMNS) - 1)] if n else [head] * len(COLUMNS)
        tag_cells(strip, [*_columns().values()], Tag("TR", table), kinds)
    note = labels("includes_tax" if whole else "some_include_tax")
    strips.append(Strip(ROW_HEIGHT, [Text(LEFT, BASELINE, note, NOTE_STYLE)]))
    first, last = (strips[:-1], []) if len(groups) <= MAX_ROWS_TOGETHER else (strips[:2], strips[-4:-1])
    for strip in (*first, *last):
        strip.keep = True
    return strips


def _columns() -> dict[str, Column]:
    return {name: Column(START + AMOUNT_WIDTH * n, AMOUNT_WIDTH, "right") for n, name in enumerate(COLUMNS)}


def _head(labels: Labels) -> Strip:
    lines = {name: labels.lines(name) for name in COLUMNS}
    leading = SIZE * 1.3
    strip = Strip(ROW_HEIGHT + leading * (len(lines["net"]) - 1), space=10)
    for name, column in _columns().items():
        for n, line in enumerate(lines[name]):
            column.add_text(strip, BASELINE + leading * n, line, Style(BOLD, SIZE, GREY))
    strip.boxes.append(Box(LEFT, strip.height - HAIRLINE, WIDTH, HAIRLINE, RULE))
    return strip


def _row(label: str, group: TaxGroup, currency: str, style: Style) -> Strip:
    strip = Strip(ROW_HEIGHT, boxes=[Box(LEFT, ROW_HEIGHT - HAIRLINE, WIDTH, HAIRLINE, RULE)])
    amounts = [amount if amount is None else format_figure(amount, currency) for amount in group[1:]]
    for column, text in zip(_columns().values(), (label, *amounts), strict=True):
        column.add_text(strip, BASELINE, text or "–", style)
    return strip
