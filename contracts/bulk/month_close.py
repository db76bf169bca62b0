"""The month-close report as tables: for its page, and for a workbook with the contracts behind the figures (R43)."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import Account
from common.chunks import in_chunks
from common.money import quantise
from common.tables import Cell, Format, Table
from contracts.bulk.month_figures import Figure, Figures, Key, Month, Movement, read_month
from contracts.types import TYPES
from exports.exporters import Parameters
from exports.office import OfficeExporter, register_office_exporter
from orders.models import Product

CHUNK = 2_000
"""Rows in memory at a time."""
NAME = "month-close"
VIEW_ORDERS = "orders.view_order"
ORDER_MOVEMENTS = ("paid_at", "refunded_at")


@dataclass(frozen=True, slots=True)
class Line:
    """A row of figures: `labels` are of its first columns, then the type, if any, and the currency."""

    labels: tuple[str, ...]
    currency: str
    figures: list[Figure]
    """One for each movement."""


@dataclass(frozen=True, slots=True)
class Report:
    by_type: list[Line]
    by_customer: list[Line]
    by_product: list[Line]
    orders: list[Line]
    drafts: int
    more_customers: int
    """Lines of customers that were left out."""


def get_report(month: Month, *, with_orders: bool, max_customers: int | None = None) -> Report:
    """Return the report, sorted by currency and amount. A page takes a fixed number of statements."""
    found = month.figures(with_orders=with_orders)
    customers = _sorted(found.by_customer)[:max_customers]
    accounts = _names(Account.objects.all(), customers, ("number", "certified_name"))
    by_product, orders = _sorted(found.by_product), _sorted(found.orders)
    products = _names(Product.objects.all(), [*by_product, *orders], ("code", "name"))
    return Report(
        _lines(_sorted(found.by_type), lambda key: (_type(key),)),
        _lines(customers, lambda key: (*accounts[key.id], _type(key))),
        _lines(by_product, lambda key: (*products[key.id], _type(key))),
        _lines(orders, lambda key: products[key.id], ORDER_MOVEMENTS),
        found.drafts,
        len(found.by_customer) - len(customers),
    )


Sorted = list[tuple[Key, dict[str, Figure]]]


def _sorted(figures: Figures) -> Sorted:
    """Sort by currency, the office's first, and then by amount, the largest first."""

    def order(item: tuple[Key, dict[str, Figure]]) -> tuple[bool, str, Decimal, int]:
        key, moved = item
        return key.currency != "CNY", key.currency, -max(figure.amount for figure in moved.values()), key.id

    return sorted(figures.items(), key=order)


def _type(key: Key) -> str:
    return str(TYPES[key.type].label)


def _names(rows: "QuerySet[Any]", figures: Sorted, names: tuple[str, str]) -> dict[int, tuple[str, str]]:
    found: dict[int, tuple[str, str]] = {}
    for ids in in_chunks({key.id for key, _moved in figures}, CHUNK):
        found |= {pk: (first, second) for pk, first, second in rows.filter(pk__in=ids).values_list("pk", *names)}
    return found


def _lines(
    figures: Sorted, label: Callable[[Key], tuple[str, ...]], movements: Iterable[str] = tuple(Movement)
) -> list[Line]:
    return [
        Line(label(key), key.currency, [moved.get(movement, Figure()) for movement in movements])
        for key, moved in figures
    ]


def _sheets(month: Month, report: Report, *, with_orders: bool) -> Iterator[Table]:
    customer, type_ = [_("Account number"), _("Customer")], _("Contract type")
    product = [_("Product code"), _("Product")]
    moved = [str(movement.label) for movement in Movement]
    yield _sheet(_("By type"), [type_], report.by_type, moved)
    yield _sheet(_("By customer"), [*customer, type_], report.by_customer, moved)
    yield _sheet(_("By product"), [*product, type_], report.by_product, moved)
    if with_orders:
        yield _sheet(_("Orders"), product, report.orders, [_("Paid"), _("Refunded")])
    yield contract_table(month)
    titles = [_("Movement"), _("Contract No."), _("Order No."), *product, _("Currency"), _("Payable amount")]
    yield Table(_("Order lines"), titles, _order_lines(month))


def _sheet(name: str, titles: list[str], lines: list[Line], movements: list[str]) -> Table:
    number, amount = pgettext("figures", "number"), _("amount")
    figures = [f"{moved}: {what}" for moved in movements for what in (number, amount)]
    return Table(name, [*titles, _("Currency"), *figures], (_cells(line) for line in lines))


def _cells(line: Line) -> list[Cell]:
    figures = [cell for one in line.figures for cell in (one.number, quantise(one.amount, line.currency))]
    return [*line.labels, line.currency, *figures]


def contract_table(month: Month) -> Table:
    """Return the contracts of the month, with a row for each movement."""
    titles = [_("Movement"), _("Time"), _("Contract No."), _("Account number"), _("Customer"), _("Contract type")]
    return Table(_("Contracts"), [*titles, _("Currency"), _("Total amount")], _contracts(month))


def _contracts(month: Month) -> Iterator[list[Cell]]:
    for movement in Movement:
        contracts = month.contracts(movement).with_status_at(month.now).select_related("account")
        for contract in contracts.order_by(movement.value, "pk").iterator(chunk_size=CHUNK):
            yield [
                str(movement.label),
                contract.invalid_since if movement is Movement.ENDED else getattr(contract, movement.value),
                contract.number,
                contract.account.number,
                contract.account.certified_name,
                str(contract.get_type_display()),
                contract.currency,
                quantise(contract.total_amount, contract.currency),
            ]


def _order_lines(month: Month) -> Iterator[list[Cell]]:
    columns = ("contract__number", "snapshot", "order__product__code", "order__product__name", "contract__currency")
    for movement in Movement:
        lines = month.lines(movement).order_by("contract", "pk").values_list(*columns)
        for number, frozen, code, name, currency in lines.iterator(chunk_size=CHUNK):
            amount = quantise(Decimal(frozen["payable_amount"]), currency)
            yield [str(movement.label), number, frozen["number"], code, name, currency, amount]


def _month_of(parameters: Parameters, now: datetime) -> Month:
    first = read_month(parameters["month"])
    assert first  # noqa: S101 - the page has read it
    return Month(first, now, test=parameters.get("test", ""))


def _count(_user: User, parameters: Parameters, now: datetime, most: int) -> int:
    month = _month_of(parameters, now)
    return min(most, sum(month.lines(movement).order_by()[:most].count() for movement in Movement))


def _tables(user: User, parameters: Parameters, now: datetime, format_: Format) -> list[Table]:
    month = _month_of(parameters, now)
    if format_ == "csv":
        return [contract_table(month)]
    with_orders = user.has_perm(VIEW_ORDERS)
    return list(_sheets(month, get_report(month, with_orders=with_orders), with_orders=with_orders))


MONTH_CLOSE = register_office_exporter(OfficeExporter(NAME, "contracts.view_contract", _count, _tables))
