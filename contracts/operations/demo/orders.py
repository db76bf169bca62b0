"""The demo's orders, relative to today. Numbers contain the date, so running it again only adds new orders."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from accounts.models import Account
from contracts.operations.demo.catalogue import CATALOGUE, REGIONS
from contracts.operations.demo.people import CLERK, DEMO, FRESH, OTHER, SANDBOX
from orders.models import PAYMENT_TERM, Order, Product

SUPPORTED = tuple(item for item in CATALOGUE if item.supports_contracts)
UNSUPPORTED = tuple(item for item in CATALOGUE if not item.supports_contracts)
CENT = Decimal("0.01")
CNY_OF_USD = Decimal("7.2")

# Account → paid this month, paid in each of the months before, unpaid of today, unpaid of each of the days before.
AMOUNTS = {
    DEMO: (230, 12, 14, 5),
    OTHER: (15, 4, 4, 1),
    FRESH: (2, 0, 2, 0),
    CLERK: (6, 6, 0, 0),
    SANDBOX: (8, 0, 3, 0),
}
MONTHS_BEFORE = 3
DAYS_BEFORE = 5
"""Unpaid orders of these days have more than a day left until their deadline."""
ORDERS_PER_EXCEPTION = 20
"""One order of this many is in US dollars, and one is of a product without contracts."""


def add_orders(*, now: datetime) -> int:
    """Create the missing orders of today, this month and the months before. Return their number."""
    Product.objects.bulk_create(
        [Product(code=i.code, name=i.name, supports_contracts=i.supports_contracts) for i in CATALOGUE],
        ignore_conflicts=True,
    )
    products = {product.code: product for product in Product.objects.filter(code__in=[i.code for i in CATALOGUE])}
    accounts = Account.objects.filter(number__in=AMOUNTS)
    orders = [order for account in accounts for order in _Customer(account, products, now).orders()]
    existing = set(Order.objects.filter(number__in=[o.number for o in orders]).values_list("number", flat=True))
    return len(Order.objects.bulk_create([order for order in orders if order.number not in existing]))


@dataclass(frozen=True)
class _Customer:
    """The orders of an account up to `now` (aware)."""

    account: Account
    products: dict[str, Product]
    now: datetime

    def orders(self) -> Iterator[Order]:
        paid, paid_before, unpaid, unpaid_before = AMOUNTS[self.account.number]
        today = self.now.astimezone(self.account.tzinfo).date()
        month = today.replace(day=1)
        for months in range(MONTHS_BEFORE + 1):
            count = paid_before if months else paid
            yield from (self._settled(month, i, count, ended=bool(months)) for i in range(count))
            month = (month - timedelta(days=1)).replace(day=1)
        for days in range(DAYS_BEFORE + 1):
            count = unpaid_before if days else unpaid
            yield from (self._unpaid(today - timedelta(days=days), i, count) for i in range(count))

    def _settled(self, month: date, i: int, count: int, *, ended: bool) -> Order:
        """Return the `i`-th of `count` orders of a month. In past months one was cancelled and one refunded."""
        number = f"FO{month:%Y%m}00{self.account.number[-1]}{i:05d}"
        random = Random(number)  # noqa: S311 - reproducible, not secret
        following = (month + timedelta(days=32)).replace(day=1)
        paid_at = self._moment_between(month, following, (i + random.random()) / count)
        ordered_at = paid_at - timedelta(minutes=random.randint(5, 3 * 24 * 60))
        if ended and i == 1:
            lapsed = {"cancelled_at": ordered_at + PAYMENT_TERM}
            return self._order(number, i, random, status=Order.Status.CANCELLED, ordered_at=ordered_at, **lapsed)
        times = {"ordered_at": ordered_at, "paid_at": paid_at}
        if ended and i == 3:
            times["refunded_at"] = paid_at + timedelta(days=2)
            return self._order(number, i, random, status=Order.Status.REFUNDED, **times)
        return self._order(number, i, random, status=Order.Status.PAID, **times)

    def _unpaid(self, day: date, i: int, count: int) -> Order:
        """Return the `i`-th of `count` orders of a day."""
        number = f"FO{day:%Y%m%d}{self.account.number[-1]}{i:05d}"
        random = Random(number)  # noqa: S311 - as above
        ordered_at = self._moment_between(day, day + timedelta(days=1), (i + random.random()) / count)
        return self._order(number, i, random, status=Order.Status.UNPAID, ordered_at=ordered_at)

    def _moment_between(self, first: date, following: date, share: float) -> datetime:
        """Return the moment at `share` (0 to 1) of the period before `following`, or of its past part."""
        start = datetime.combine(first, time.min, self.account.tzinfo)
        end = min(datetime.combine(following, time.min, self.account.tzinfo), self.now)
        return (start + (end - start) * share).replace(microsecond=0)

    def _order(self, number: str, i: int, random: Random, *, status: str, **times: datetime) -> Order:
        item = random.choice(UNSUPPORTED if i % ORDERS_PER_EXCEPTION == 13 else SUPPORTED)
        configuration, price = random.choice(item.configurations)
        months = 1 if item.one_off else random.choice((1, 1, 3, 6, 12, 12, 24, 36))
        quantity = random.choice((1, 1, 1, 2, 3, 5))
        in_dollars = i % ORDERS_PER_EXCEPTION == 7
        amount = (Decimal(price * months * quantity) / (CNY_OF_USD if in_dollars else 1)).quantize(CENT)
        if "paid_at" in times and not item.one_off:
            times["service_start"] = times["paid_at"].replace(hour=0, minute=0, second=0)
            times["service_end"] = times["service_start"] + timedelta(days=30 * months)
        order = Order(
            number=number,
            account=self.account,
            product=self.products[item.code],
            kind=random.choice(Order.Kind.values),
            configuration=configuration if item.one_off else configuration + _term(configuration, months),
            region=random.choice(REGIONS),
            quantity=quantity,
            currency="USD" if in_dollars else "CNY",
            list_amount=amount,
            payable_amount=(amount * random.choice((100, 95, 90, 85, 80)) / 100).quantize(CENT),
            status=status,
            **times,
        )
        order.set_deadline()
        return order


def _term(configuration: str, months: int) -> str:
    """Return the term to append to a configuration, in the configuration's language."""
    if any("\u4e00" <= character <= "\u9fff" for character in configuration):
        return f"；{months} 个月"
    return f"; {months} month" if months == 1 else f"; {months} months"
