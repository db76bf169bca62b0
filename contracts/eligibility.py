"""Eligibility of orders for contracts, decided here only (R1, R6–R10, R28)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from accounts.models import Account
from common.errors import Fault, Refused
from contracts.documents.printable import unprintable_in_order
from contracts.models import Contract
from contracts.types import ContractType
from orders.models import Order, OrderQuerySet, get_status_label

MAX_ORDERS = 200
PICKER_SORTS = {
    "-time": ("-{time}", "-pk"),
    "time": ("{time}", "pk"),
    "-amount": ("-payable_amount", "-pk"),
    "amount": ("payable_amount", "-pk"),
}
"""Sorts of the picker; `{time}` is the time by which the type dates its orders (R9)."""
ORDER_REASONS = (
    "order_wrong_status",
    "order_in_live_contract",
    "payment_deadline_passed",
    "product_not_supported",
    "contracted_elsewhere",
    "unprintable_characters",
)
"""Why a single order is not eligible."""
REASONS = ("no_orders", "too_many_orders", "order_not_found", "mixed_currency", *ORDER_REASONS, "invalid")
"""Refusal codes of this module. The API declares them and docs/customers.md explains them."""


def require_max_orders(count: int) -> None:
    """Raise Refused `too_many_orders` if there are more orders than a contract may have (R1, R46)."""
    if count > MAX_ORDERS:
        raise Refused(
            "too_many_orders",
            _("A contract can include at most %(limit)d orders; %(count)d were selected.")
            % {"limit": MAX_ORDERS, "count": count},
            pointer="/order_numbers",
        )


def require_order_numbers(numbers: Sequence[str]) -> None:
    """Require 1 to 200 different order numbers (R1). Raises Refused with a fault for each duplicate."""
    if not numbers:
        raise Refused("no_orders", _("Select at least one order."), pointer="/order_numbers")
    require_max_orders(len(numbers))
    seen: set[str] = set()
    faults = []
    for i, number in enumerate(numbers):
        if number in seen:
            detail = _("Order %(number)s is listed twice.") % {"number": number}
            faults.append(Fault("invalid", detail, f"/order_numbers/{i}"))
        seen.add(number)
    if faults:
        raise Refused.because(faults)


def picker_rows(account: Account | None, type_: ContractType, *, now: datetime, sort: str = "") -> OrderQuerySet:
    """Return the orders with a status that the type accepts, including ineligible ones (R8, R10).

    `sort`: one of PICKER_SORTS, by default the newest first.
    """
    orders = Order.objects.of(account).shown_as_any(type_.accepted_statuses, now)  # none past its deadline
    fields = [field.format(time=type_.dated_by) for field in PICKER_SORTS.get(sort, PICKER_SORTS["-time"])]
    return orders.select_related("product").order_by(*fields)


def without_barred(orders: OrderQuerySet, *, now: datetime) -> OrderQuerySet:
    """Return the picker's rows without those that R6 or R7 bars or that were contracted elsewhere."""
    live = Contract.objects.live(now).filter(lines__order=OuterRef("pk"), lines__released_at=None)
    return orders.filter(~Exists(live), product__supports_contracts=True, contracted_elsewhere="")


@dataclass(frozen=True, slots=True)
class LiveContract:
    number: str
    type: str
    status: str


def describe_live_contracts(orders: Iterable[Order], *, now: datetime) -> dict[int, LiveContract]:
    """Return order id → the live contract that holds it. Expired contracts hold no orders (R7, R21)."""
    ids = [order.pk for order in orders]
    holding = Contract.objects.live(now).filter(lines__order__in=ids, lines__released_at=None)
    rows = holding.values_list("lines__order_id", "number", "type", "status")
    return {pk: LiveContract(*facts) for pk, *facts in rows}


def find_live_contracts(orders: Iterable[Order], *, now: datetime) -> dict[int, str]:
    """Return order id → number of the live contract that holds it."""
    return {pk: contract.number for pk, contract in describe_live_contracts(orders, now=now).items()}


def find_order_fault(
    order: Order, type_: ContractType, *, now: datetime, live_contract: str | None, pointer: str = ""
) -> Fault | None:
    """Return why `order` (product loaded) is not eligible for `type_` now, or None if it is."""
    fault = _find_wrong_status(order, type_, now) or _find_bar(order, live_contract)
    return fault and replace(fault, pointer=pointer)


def _find_wrong_status(order: Order, type_: ContractType, now: datetime) -> Fault | None:
    status = order.status_on(now)
    if Order.Status.UNPAID in type_.accepted_statuses and order.lapsed(now):
        detail = _("The payment deadline of order %(number)s has passed.") % {"number": order.number}
        return Fault("payment_deadline_passed", detail)
    if status in type_.accepted_statuses:
        return None
    detail = _("Order %(number)s is %(status)s; this contract type requires %(wanted)s orders.") % {
        "number": order.number,
        "status": get_status_label(status),
        "wanted": type_.accepted_status_labels,
    }
    return Fault("order_wrong_status", detail)


def _find_bar(order: Order, live_contract: str | None) -> Fault | None:
    """Return what keeps an order with the right status from entering a contract."""
    if not order.product.supports_contracts:
        detail = _("%(product)s (order %(number)s) does not support electronic contracts.") % {
            "product": order.product.name,
            "number": order.number,
        }
        return Fault("product_not_supported", detail)
    if order.contracted_elsewhere:
        return Fault("contracted_elsewhere", contracted_elsewhere_message(order))
    if live_contract:
        detail = _("Order %(number)s is in contract %(contract)s. Void that contract to release it.") % {
            "number": order.number,
            "contract": live_contract,
        }
        return Fault("order_in_live_contract", detail, blocked_by=live_contract)
    if characters := unprintable_in_order(order):
        detail = _("Order %(number)s contains characters that a contract cannot print: %(characters)s.") % {
            "number": order.number,
            "characters": characters,
        }
        return Fault("unprintable_characters", detail)
    return None


def contracted_elsewhere_message(order: Order) -> str:
    facts = {"number": order.number, "reference": order.contracted_elsewhere}
    return _("Order %(number)s was contracted elsewhere: %(reference)s.") % facts


def find_order_faults(orders: Iterable[Order], type_: ContractType, *, now: datetime) -> dict[int, Fault | None]:
    """Return order id → why it is not eligible for `type_`, or None. One statement for all orders."""
    orders = list(orders)
    live_contracts = find_live_contracts(orders, now=now)
    return {
        order.pk: find_order_fault(order, type_, now=now, live_contract=live_contracts.get(order.pk))
        for order in orders
    }


def require_eligible(
    numbers: Sequence[str],
    orders: Sequence[Order],
    type_: ContractType,
    *,
    live_contracts: Mapping[int, str],
    now: datetime,
) -> None:
    """Require that each number is one of `orders` (the account's, locked), eligible, in one currency (R1, R6, R7, R10).

    `live_contracts` is find_live_contracts(orders). Raises Refused with one fault for each order, in the order of
    `numbers`.
    """
    by_number = {order.number: order for order in orders}
    faults = []
    for i, number in enumerate(numbers):
        pointer = f"/order_numbers/{i}"
        order = by_number.get(number)
        if order is None:
            detail = _("Order %(number)s was not found in this account.") % {"number": number}
            faults.append(Fault("order_not_found", detail, pointer))
        elif fault := find_order_fault(
            order, type_, now=now, live_contract=live_contracts.get(order.pk), pointer=pointer
        ):
            faults.append(fault)
    if not faults and len({order.currency for order in orders}) > 1:
        sentence = _("Order %(number)s is in %(currency)s.")
        faults = [
            Fault("mixed_currency", sentence % {"number": n, "currency": by_number[n].currency}, f"/order_numbers/{i}")
            for i, n in enumerate(numbers)
        ]
    if faults:
        raise Refused.because(faults)
    if refusal := type_.refusal_of(orders):
        raise Refused("invalid", refusal, pointer="/order_numbers")
