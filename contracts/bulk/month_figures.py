"""What happened to official contracts and orders in a month, counted and summed by the database.

Amounts of different currencies are never added. An amount by product is that of the contracts' lines, as drafted (R23),
so a contract over several products is divided between them, and counted once for each.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, F, Func, Q, QuerySet, TextChoices
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import select_test
from common.days import Interval
from common.money_fields import MoneyField, SumOfMoney
from contracts.models import Contract, ContractOrder
from contracts.models.querysets import MAX_UNSETTLED, ContractQuerySet
from orders.models import Order

NOTHING = Decimal(0)


class Movement(TextChoices):
    """What happened to an official contract, named after the field that has the time."""

    OFFICIAL = "official_at", _("Made official")
    VOIDED = "voided_at", _("Voided")
    ENDED = "invalid_at", _("Became invalid")


class LineAmount(Func):
    """The payable amount in a line's snapshot: on SQLite, like MoneyField, as thousandths."""

    template = "(%(expressions)s ->> 'payable_amount')::numeric"
    output_field = MoneyField()

    def __init__(self) -> None:
        super().__init__(F("snapshot"))

    def as_sqlite(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Any:
        text = "JSON_EXTRACT(%(expressions)s, '$.payable_amount')"
        decimals = f"replace(substr({text} || '.', instr({text} || '.', '.') + 1), '.', '')"
        template = f"(CAST({text} AS INTEGER) * 1000 + CAST(substr({decimals} || '000', 1, 3) AS INTEGER))"
        return self.as_sql(compiler, connection, template=template, **context)


@dataclass(frozen=True, slots=True)
class Figure:
    number: int = 0
    amount: Decimal = NOTHING

    def __add__(self, other: "Figure") -> "Figure":
        return Figure(self.number + other.number, self.amount + other.amount)


class Key(NamedTuple):
    """What a row of figures is about. `id`: of the account or product; 0 for all of them."""

    currency: str
    type: str
    id: int = 0


Figures = dict[Key, dict[str, Figure]]
"""Key → movement → figure."""


@dataclass(slots=True)
class MonthFigures:
    by_type: Figures
    by_customer: Figures
    by_product: Figures
    drafts: int
    """Drafts that were voided or became invalid: they never were contracts, and are in no other figure."""
    orders: Figures = field(default_factory=dict)
    """By currency and product, with the movements `paid_at` and `refunded_at`."""


def read_month(text: str) -> date | None:
    """Return the first day of a month such as "2026-10", or None."""
    try:
        first = datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None
    return first if 2000 <= first.year < 9000 else None


def get_month(first: date) -> Interval:
    """Return the days of the month that begins on `first`."""
    noon = datetime(first.year, first.month, 1, 12, tzinfo=timezone.get_default_timezone())
    return Interval.month_of(noon, timezone.get_default_timezone())


class Month:
    """The contracts and orders of a month in the office's time zone, as of `now` (aware).

    `test`: one of TestAccounts; by default their records are left out (R48).
    """

    def __init__(self, first: date, now: datetime, *, test: str = "") -> None:
        self.days, self.now, self.test = get_month(first), now, test
        self._ended = self._find_unsettled(now)

    def contracts(self, movement: Movement) -> ContractQuerySet:
        return Contract.objects.filter(self._moved(movement), select_test(self.test, "is_test"))

    def lines(self, movement: Movement) -> "QuerySet[ContractOrder]":
        moved = self._moved(movement, "contract__")
        return ContractOrder.objects.filter(moved, select_test(self.test, "contract__is_test"))

    def paid_orders(self) -> "list[QuerySet[Order]]":
        """Return the orders paid in the month, in two parts, each with its index: refunded since or not."""
        paid = Order.objects.filter(self._on("paid_at"), select_test(self.test))
        return [paid.filter(status=Order.Status.PAID), paid.filter(status__in=Order.ENDED, paid_at__isnull=False)]

    def refunded_orders(self) -> "QuerySet[Order]":
        refunded = Order.objects.filter(self._on("refunded_at"), select_test(self.test))
        return refunded.filter(status=Order.Status.REFUNDED, paid_at__isnull=False)

    def count_drafts(self) -> int:
        """Return the number of drafts that were voided or became invalid."""
        drafts = Contract.objects.filter(select_test(self.test, "is_test"), official_at=None)
        return drafts.filter(self._on("voided_at")).count() + drafts.filter(self._on("invalid_at")).count()

    def figures(self, *, with_orders: bool) -> MonthFigures:
        by_customer, by_product = _figures(self._customer_rows()), _figures(self._product_rows())
        orders = _figures(self._order_rows()) if with_orders else {}
        return MonthFigures(_summed(by_customer), by_customer, by_product, self.count_drafts(), orders)

    def _customer_rows(self) -> Iterator[tuple[Key, str, Figure]]:
        for movement in Movement:
            rows = self.contracts(movement).order_by().values_list("currency", "type", "account")
            for *key, count, amount in rows.annotate(count=Count("pk"), amount=SumOfMoney("total_amount")):
                yield Key(*key), movement, Figure(count, amount)

    def _product_rows(self) -> Iterator[tuple[Key, str, Figure]]:
        for movement in Movement:
            rows = self.lines(movement).order_by()
            keys = rows.values_list("contract__currency", "contract__type", "order__product")
            counted = keys.annotate(count=Count("contract", distinct=True), amount=SumOfMoney(LineAmount()))
            for *key, count, amount in counted:
                yield Key(*key), movement, Figure(count, amount)

    def _order_rows(self) -> Iterator[tuple[Key, str, Figure]]:
        parts = [("paid_at", part) for part in self.paid_orders()]
        for movement, orders in [*parts, ("refunded_at", self.refunded_orders())]:
            rows = orders.order_by().values_list("currency", "product")
            for currency, product, count, amount in rows.annotate(
                count=Count("pk"), amount=SumOfMoney("payable_amount")
            ):
                yield Key(currency, "", product), movement, Figure(count, amount)

    def _moved(self, movement: Movement, prefix: str = "") -> Q:
        moved = self._on(f"{prefix}{movement.value}")
        if movement is Movement.OFFICIAL:
            return moved
        moved &= Q(**{f"{prefix}official_at__isnull": False})
        if movement is Movement.ENDED and self._ended:
            moved |= Q(**{f"{prefix}pk__in": self._ended})
        return moved

    def _on(self, name: str) -> Q:
        return self.days.on(name, timezone.get_default_timezone())

    def _find_unsettled(self, now: datetime) -> list[int]:
        """Return the few official contracts that became invalid and that the scheduler has yet to end (R21)."""
        due = Contract.objects.filter(pk__in=Contract.objects.due(now, limit=MAX_UNSETTLED), official_at__isnull=False)
        return [contract.pk for contract in due.with_status_at(now) if self._has(contract.invalid_since)]

    def _has(self, at: datetime | None) -> bool:
        first, last = self.days.first, self.days.last
        return bool(at and first and last and first <= timezone.localdate(at) <= last)


def _figures(rows: Iterable[tuple[Key, str, Figure]]) -> Figures:
    figures: Figures = defaultdict(dict)
    for key, movement, figure in rows:
        figures[key][movement] = figures[key].get(movement, Figure()) + figure
    return dict(figures)


def _summed(figures: Figures) -> Figures:
    """Return the figures by type, of all customers."""
    return _figures(
        (Key(key.currency, key.type), movement, figure)
        for key, moved in figures.items()
        for movement, figure in moved.items()
    )
