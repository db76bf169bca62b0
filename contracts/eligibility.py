"""Which orders may enter a contract, and why not: the only place that knows (R1, R6–R10, R28)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.models import Account
from common.errors import Fault, Refused
from common.money import format_amount
from contracts.documents.printable import unprintable_in_order
from contracts.models import Contract
from orders.models import Order, OrderQuerySet, get_status_label

MAX_ORDERS = 200
STATUS_TAKEN = {Contract.Type.ORDER: Order.Status.PAID, Contract.Type.PAYMENT_REQUEST: Order.Status.UNPAID}
DATED_BY = {Contract.Type.ORDER: "paid_at", Contract.Type.PAYMENT_REQUEST: "ordered_at"}
REASONS = (
    "no_orders",
    "too_many_orders",
    "order_not_found",
    "mixed_currency",
    "order_wrong_status",
    "order_in_live_contract",
    "payment_deadline_passed",
    "product_not_supported",
    "unprintable_characters",
    "invalid",
)
"""The codes of all that follows, which the API declares and docs/customers.md tells customers in words."""


def require_few(count: int) -> None:
    """Raises Refused `too_many_orders` for more numbers than a contract holds orders (R1, R46)."""
    if count > MAX_ORDERS:
        raise Refused(
            "too_many_orders",
            _("A contract holds at most %(limit)d orders; %(count)d were selected.")
            % {"limit": MAX_ORDERS, "count": count},
            pointer="/order_numbers",
        )


def check_count(numbers: Sequence[str]) -> None:
    """A contract has 1 to 200 different orders (R1). Raises Refused naming what is wrong."""
    if not numbers:
        raise Refused("no_orders", _("Select at least one order."), pointer="/order_numbers")
    require_few(len(numbers))
    seen: set[str] = set()
    faults = []
    for i, number in enumerate(numbers):
        if number in seen:
            detail = _("Order %(number)s is listed twice.") % {"number": number}
            faults.append(Fault("invalid", detail, f"/order_numbers/{i}"))
        seen.add(number)
    if faults:
        raise Refused.because(faults)


def picker_rows(account: Account | None, type_: str, *, now: datetime) -> OrderQuerySet:
    """The orders with the status that the type takes, barred ones too, newest first (R8)."""
    dated_by = DATED_BY[Contract.Type(type_)]
    orders = Order.objects.of(account).shown_as(STATUS_TAKEN[Contract.Type(type_)], now)  # R10: not those past it
    return orders.select_related("product").order_by(f"-{dated_by}", "-pk")


def holders_of(orders: Iterable[Order], *, now: datetime) -> dict[int, str]:
    """Order id → number of the live contract that holds it; contracts that have lapsed hold nothing (R7, R21)."""
    ids = [order.pk for order in orders]
    holding = Contract.objects.with_status_at(now).filter(lines__order__in=ids, lines__released_at=None)
    live = holding.exclude(status_at=Contract.Status.INVALID)  # type: ignore[misc]  # annotated
    return dict(live.values_list("lines__order_id", "number"))


def fault_of(order: Order, type_: str, *, now: datetime, holder: str | None, pointer: str = "") -> Fault | None:
    """Why `order` (its product loaded) may not enter a contract of `type_` now, or None if it may."""
    wanted = STATUS_TAKEN[Contract.Type(type_)]
    status = order.status_on(now)
    if type_ == Contract.Type.PAYMENT_REQUEST and order.lapsed(now):
        detail = _("The payment deadline of order %(number)s has passed.") % {"number": order.number}
        return Fault("payment_deadline_passed", detail, pointer)
    if status != wanted:
        detail = _("Order %(number)s is %(status)s; this contract type takes %(wanted)s orders.") % {
            "number": order.number,
            "status": get_status_label(status),
            "wanted": get_status_label(wanted),
        }
        return Fault("order_wrong_status", detail, pointer)
    if not order.product.supports_contracts:
        detail = _("%(product)s (order %(number)s) does not support electronic contracts.") % {
            "product": order.product.name,
            "number": order.number,
        }
        return Fault("product_not_supported", detail, pointer)
    if holder:
        detail = _("Order %(number)s is in contract %(contract)s. Void that contract to release it.") % {
            "number": order.number,
            "contract": holder,
        }
        return Fault("order_in_live_contract", detail, pointer, blocked_by=holder)
    if characters := unprintable_in_order(order):
        detail = _("Order %(number)s holds characters that a contract cannot print: %(characters)s.") % {
            "number": order.number,
            "characters": characters,
        }
        return Fault("unprintable_characters", detail, pointer)
    return None


def faults_of(orders: Iterable[Order], type_: str, *, now: datetime) -> dict[int, Fault | None]:
    """Order id → why it may not enter a contract of `type_`, or None; one statement for all orders."""
    orders = list(orders)
    holders = holders_of(orders, now=now)
    return {order.pk: fault_of(order, type_, now=now, holder=holders.get(order.pk)) for order in orders}


def require_eligible(
    numbers: Sequence[str], orders: Sequence[Order], type_: str, *, holders: Mapping[int, str], now: datetime
) -> None:
    """Every number names one of `orders` (the account's, locked), each eligible, all in one currency (R1, R6, R7, R10).

    `holders` are those of the orders (`holders_of`). Raises Refused with one fault an order, in the order of `numbers`.
    """
    by_number = {order.number: order for order in orders}
    faults = []
    for i, number in enumerate(numbers):
        pointer = f"/order_numbers/{i}"
        order = by_number.get(number)
        if order is None:
            detail = _("Order %(number)s was not found in this account.") % {"number": number}
            faults.append(Fault("order_not_found", detail, pointer))
        elif fault := fault_of(order, type_, now=now, holder=holders.get(order.pk), pointer=pointer):
            faults.append(fault)
    if not faults and len({order.currency for order in orders}) > 1:
        sentence = _("Order %(number)s is in %(currency)s.")
        faults = [
            Fault("mixed_currency", sentence % {"number": n, "currency": by_number[n].currency}, f"/order_numbers/{i}")
            for i, n in enumerate(numbers)
        ]
    if faults:
        raise Refused.because(faults)
    if nothing := nothing_to_pay(orders, type_):
        raise Refused("invalid", nothing, pointer="/order_numbers")


def nothing_to_pay(orders: Sequence[Order], type_: str) -> str:
    """Why these orders, all in one currency, make no payment request: they come to 0.00. Empty if they make one."""
    if type_ != Contract.Type.PAYMENT_REQUEST or any(order.payable_amount for order in orders):
        return ""
    return _("A payment request contract needs an amount to pay, and these orders come to %(amount)s.") % {
        "amount": format_amount(Decimal(0), orders[0].currency)
    }
