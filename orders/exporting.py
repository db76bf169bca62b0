"""The export of orders (R43)."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from common.days import Interval
from common.money import plain_percent, quantise
from common.tables import Cell, Format, Table
from exports.exporters import Exporter, Parameters, register_exporter, with_days
from exports.office import OfficeExporter, get_listed_rows, register_office_exporter
from orders.facts import FACTS, Fact, Type
from orders.models import Order, OrderQuerySet

CHUNK = 2_000
"""Orders in memory at a time."""


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Conditions of the order list, all of which hold. Days are those on which the orders were placed."""

    since: date | None = None
    until: date | None = None
    status: str = ""
    q: str = ""

    def find(self, account: Account, now: datetime) -> OrderQuerySet:
        """Return the account's orders (R26), newest first."""
        orders = Order.objects.of(account).select_related("product")
        orders = orders.filter(Interval(self.since, self.until).on("ordered_at", account.tzinfo))
        if self.status:
            orders = orders.shown_as(self.status, now)
        return orders.search(self.q) if self.q else orders


Columns = tuple[tuple[Promise, Callable[[Order, datetime], Cell]], ...]

COLUMNS: Columns = (
    (_("Order No."), lambda order, _now: order.number),
    (_("Product code"), lambda order, _now: order.product.code),
    (_("Product"), lambda order, _now: order.product.name),
    (_("Status"), lambda order, now: str(Order.Status(order.status_on(now)).label)),
    (_("Currency"), lambda order, _now: order.currency),
    (_("Payment deadline"), lambda order, _now: order.payment_deadline),
    (_("Paid on"), lambda order, _now: order.paid_at),
)
CUSTOMER_COLUMNS: Columns = (
    (_("Account number"), lambda order, _now: order.account.number),
    (_("Customer"), lambda order, _now: order.account.certified_name),
    (_("Test"), lambda order, _now: "TEST" if order.account.is_test else ""),
)
"""For staff, who see orders of all accounts."""
EXPORTED_FACTS = tuple(fact for fact in FACTS if fact.name != "payment_deadline")  # a column of its own


def _filter_of(parameters: Parameters) -> OrderFilter:
    return OrderFilter(**with_days(parameters))


def _count(account: Account, parameters: Parameters, now: datetime, most: int) -> int:
    return _filter_of(parameters).find(account, now).order_by()[:most].count()


def _tables(account: Account, parameters: Parameters, now: datetime, _format: Format) -> list[Table]:
    return [_table(_filter_of(parameters).find(account, now), COLUMNS, now)]


def _table(orders: "QuerySet[Any]", columns: Columns, now: datetime) -> Table:
    rows = (
        [cell(order, now) for _title, cell in columns] + [_fact(fact, order) for fact in EXPORTED_FACTS]
        for order in orders.iterator(chunk_size=CHUNK)
    )
    facts = [str(fact.field.verbose_name) for fact in EXPORTED_FACTS]
    titles = [*(str(title) for title, _cell in columns), *(text[:1].upper() + text[1:] for text in facts)]
    return Table(gettext("Orders"), titles, rows)


def _count_listed(user: User, parameters: Parameters, _now: datetime, most: int) -> int:
    return get_listed_rows(Order, user, parameters["query"]).order_by().values("pk")[:most].count()


def _listed_tables(user: User, parameters: Parameters, now: datetime, _format: Format) -> list[Table]:
    return [_table(get_listed_rows(Order, user, parameters["query"]), CUSTOMER_COLUMNS + COLUMNS, now)]


def _fact(fact: Fact, order: Order) -> Cell:
    if fact.type is Type.CHOICE:
        return str(getattr(order, f"get_{fact.name}_display")())
    if fact.type is Type.LIST:
        return ", ".join(getattr(order, fact.name))
    if fact.type is Type.PAIRS:
        pairs = getattr(order, fact.name)
        return json.dumps(pairs, ensure_ascii=False) if pairs else ""
    value: Cell = getattr(order, fact.name)
    if fact.type is Type.PERCENT and isinstance(value, Decimal):
        return Decimal(plain_percent(value))
    return quantise(value, order.currency) if isinstance(value, Decimal) and fact.type is Type.AMOUNT else value


OFFICE_ORDERS = register_office_exporter(OfficeExporter("orders", "orders.view_order", _count_listed, _listed_tables))
ORDERS = register_exporter(Exporter("orders", _count, _tables))
