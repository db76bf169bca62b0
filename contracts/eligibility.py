"""Which orders may enter a contract, and why not: the only place that knows (R1, R6–R10)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from billing.errors import Fault, Refused
from billing.models import Account
from contracts.models import Contract, ContractOrder
from orders.models import Order, OrderQuerySet

MAX_ORDERS = 200
STATUS_TAKEN = {Contract.Type.ORDER: Order.Status.PAID, Contract.Type.PAYMENT_REQUEST: Order.Status.UNPAID}
DATED_BY = {Contract.Type.ORDER: "paid_at", Contract.Type.PAYMENT_REQUEST: "ordered_at"}


@dataclass(frozen=True, slots=True)
class Interval:
    """Days in an account's time zone, both included; None is open."""

    first: date | None
    last: date | None

    @classmethod
    def month_of(cls, now: datetime, zone: ZoneInfo) -> "Interval":
        """The calendar month around `now` (aware) in `zone`: where the picker opens (R9)."""
        first = now.astimezone(zone).date().replace(day=1)
        following = (first + timedelta(days=32)).replace(day=1)
        return cls(first, following - timedelta(days=1))

    def on(self, field: str, zone: ZoneInfo) -> Q:
        """The condition that the datetime `field` falls on these days of `zone`."""
        condition = Q()
        if self.first:
            condition &= Q(**{f"{field}__gte": datetime.combine(self.first, time.min, zone)})
        if self.last:
            condition &= Q(**{f"{field}__lt": datetime.combine(self.last + timedelta(days=1), time.min, zone)})
        return condition


def check_count(numbers: Sequence[str]) -> None:
    """A contract has 1 to 200 different orders (R1). Raises Refused naming what is wrong."""
    if not numbers:
        raise Refused("no_orders", "Select at least one order.", pointer="/order_numbers")
    if len(set(numbers)) > MAX_ORDERS:
        raise Refused(
            "too_many_orders",
            f"A contract holds at most {MAX_ORDERS} orders; {len(set(numbers))} were selected.",
            pointer="/order_numbers",
        )
    seen: set[str] = set()
    faults = []
    for i, number in enumerate(numbers):
        if number in seen:
            faults.append(Fault("invalid", f"Order {number} is listed twice.", f"/order_numbers/{i}"))
        seen.add(number)
    if faults:
        raise Refused.because(faults)


def picker_rows(account: Account | None, type_: str, *, now: datetime) -> OrderQuerySet:
    """The orders with the status that the type takes, barred ones too, newest first (R8)."""
    dated_by = DATED_BY[Contract.Type(type_)]
    orders = Order.objects.of(account).with_status_at(now).filter(status=STATUS_TAKEN[Contract.Type(type_)])
    if type_ == Contract.Type.PAYMENT_REQUEST:
        orders = orders.filter(payment_deadline__gt=now)  # R10: past it, it is cancelled and leaves the picker
    return orders.select_related("product").order_by(f"-{dated_by}", "-pk")


def holders_of(orders: Iterable[Order], *, now: datetime) -> dict[int, str]:
    """Order id → number of the live contract that holds it; contracts that have lapsed hold nothing (R7, R21)."""
    held = ContractOrder.objects.filter(order__in=[order.pk for order in orders], released_at=None).exclude(
        contract__in=Contract.objects.lapsed(now)
    )
    return dict(held.values_list("order_id", "contract__number"))


def fault_of(order: Order, type_: str, *, now: datetime, holder: str | None, pointer: str = "") -> Fault | None:
    """Why `order` (its product loaded) may not enter a contract of `type_` now, or None if it may."""
    wanted = STATUS_TAKEN[Contract.Type(type_)]
    status = order.status_on(now)
    if type_ == Contract.Type.PAYMENT_REQUEST and order.lapsed(now):
        return Fault("payment_deadline_passed", f"The payment deadline of order {order.number} has passed.", pointer)
    if status != wanted:
        detail = f"Order {order.number} is {status}; this contract type takes {wanted} orders."
        return Fault("order_wrong_status", detail, pointer)
    if not order.product.supports_contracts:
        detail = f"{order.product.name} (order {order.number}) does not support electronic contracts."
        return Fault("product_not_supported", detail, pointer)
    if holder:
        detail = f"Order {order.number} is in contract {holder}. Void that contract to release it."
        return Fault("order_in_live_contract", detail, pointer, contract=holder)
    return None


def faults_of(orders: Iterable[Order], type_: str, *, now: datetime) -> dict[int, Fault | None]:
    """Order id → why it may not enter a contract of `type_`, or None; one statement for all orders."""
    orders = list(orders)
    holders = holders_of(orders, now=now)
    return {order.pk: fault_of(order, type_, now=now, holder=holders.get(order.pk)) for order in orders}


def require_eligible(numbers: Sequence[str], orders: Sequence[Order], type_: str, *, now: datetime) -> None:
    """Every number names one of `orders` (the account's, locked), each eligible, all in one currency (R1, R6, R7, R10).

    Raises Refused with one fault an order, in the order of `numbers`.
    """
    by_number = {order.number: order for order in orders}
    holders = holders_of(orders, now=now)
    faults = []
    for i, number in enumerate(numbers):
        pointer = f"/order_numbers/{i}"
        order = by_number.get(number)
        if order is None:
            faults.append(Fault("order_not_found", f"Order {number} was not found in this account.", pointer))
        elif fault := fault_of(order, type_, now=now, holder=holders.get(order.pk), pointer=pointer):
            faults.append(fault)
    if not faults and len({order.currency for order in orders}) > 1:
        faults = [
            Fault("mixed_currency", f"Order {n} is in {by_number[n].currency}.", f"/order_numbers/{i}")
            for i, n in enumerate(numbers)
        ]
    if faults:
        raise Refused.because(faults)
