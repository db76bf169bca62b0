"""Orders from outside into the database, a batch at a time: a few statements whatever the number of orders."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from django.db import IntegrityError
from django.utils.translation import gettext as _

from accounts.models import Account
from common.errors import Fault, Refused
from common.transactions import in_transaction
from orders.ending import orders_ended
from orders.importing.rows import OrderRow
from orders.importing.warnings import warnings_of
from orders.models import Order, Product
from orders.services import move_order, require_past
from orders.webhooks import tell_cancelled

FACTS = (
    "kind",
    "configuration",
    "region",
    "quantity",
    "currency",
    "list_amount",
    "payable_amount",
    "ordered_at",
    "service_start",
    "service_end",
)
"""What is taken over from outside as it is told there, corrections included. Contracts have their own copy (R23)."""
WRITTEN = (*FACTS, "product_id", "payment_deadline", "status", "paid_at", "cancelled_at", "refunded_at")
ATTEMPTS = 5
"""Each further one needs another import that has created some of the same rows since the one before."""
UNIQUE_VIOLATION = "23505"
"""PostgreSQL's code. On SQLite writers wait for each other, so that none finds a row that another has created."""
UPDATED = tuple(name.removesuffix("_id") for name in WRITTEN)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one order. A fault's `pointer` is the "/column" at fault."""

    number: str
    outcome: Literal["created", "updated", "unchanged", "failed"]
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    """What keeps the order, which was written all the same, out of contracts."""


@dataclass(frozen=True, slots=True)
class Written:
    """One outcome a row, in the order of the rows, and the codes of products that were not known before."""

    outcomes: list[Outcome]
    new_products: list[str]


def write_orders(rows: Sequence[OrderRow], *, now: datetime, support_new_products: bool = False) -> Written:
    """Create or update these orders, all of different numbers; those that are refused stay as they are.

    A known order takes over corrected facts, and its status by the allowed transitions alone; its account never
    changes. An unpaid row leaves an order that was cancelled at its deadline unchanged (R10). `now` (aware) stands in
    for the time of a cancellation or refund, which rows do not tell. A new product is closed to contracts unless
    `support_new_products` (R6); a known one keeps its name, which is the staff's to change.
    """
    for _attempt in range(ATTEMPTS - 1):
        try:
            return _write(rows, now=now, open_products=support_new_products)
        except IntegrityError as error:  # another import created one of these orders or products: now it can be read
            if getattr(error.__cause__, "sqlstate", None) != UNIQUE_VIOLATION:
                raise
    return _write(rows, now=now, open_products=support_new_products)


@in_transaction
def _write(rows: Sequence[OrderRow], *, now: datetime, open_products: bool) -> Written:
    accounts = dict(Account.objects.filter(number__in={row.account for row in rows}).values_list("number", "pk"))
    known = {order.number: order for order in _locked(rows)}
    before = {number: _state(order) for number, order in known.items()}
    failed: dict[str, Outcome] = {}
    accepted: list[OrderRow] = []
    for row in rows:
        try:
            if _move(row, known.get(row.number), accounts.get(row.account), now=now):
                accepted.append(row)
        except Refused as refused:
            failed[row.number] = Outcome(row.number, "failed", refused.faults)

    products, new_products = _products_of(accepted, open_products=open_products)
    for row in accepted:
        order = known.get(row.number) or known.setdefault(row.number, _new(row, accounts[row.account], now=now))
        _take_facts(order, row, products[row.product_code])
    created = [known[row.number] for row in accepted if row.number not in before]
    updated = [
        known[row.number]
        for row in accepted
        if row.number in before and _state(known[row.number]) != before[row.number]
    ]
    _save(created, updated)
    tell_cancelled([order for order in updated if _became(Order.Status.CANCELLED, order, before)])
    ended = [order.pk for order in updated if any(_became(status, order, before) for status in Order.ENDED)]
    orders_ended(ended, now=now)
    outcome_of = {order.number: Outcome(order.number, "created") for order in created}
    outcome_of |= {order.number: Outcome(order.number, "updated") for order in updated}
    outcome_of |= failed
    outcomes = [outcome_of.get(row.number) or Outcome(row.number, "unchanged") for row in rows]
    return Written([_warned(outcome, row) for outcome, row in zip(outcomes, rows, strict=True)], new_products)


def _warned(outcome: Outcome, row: OrderRow) -> Outcome:
    warnings = warnings_of(row) if outcome.outcome != "failed" else ()
    return replace(outcome, warnings=warnings) if warnings else outcome


def _locked(rows: Collection[OrderRow]) -> list[Order]:
    """The orders that are there already, locked in the order that everyone locks in, and read anew."""
    return list(Order.objects.filter(number__in=[row.number for row in rows]).select_for_update().order_by("pk"))


def _state(order: Order) -> tuple[object, ...]:
    return tuple(getattr(order, name) for name in WRITTEN)


def _became(status: str, order: Order, before: Mapping[str, tuple[object, ...]]) -> bool:
    return order.status == status and before[order.number][WRITTEN.index("status")] != status


def _move(row: OrderRow, order: Order | None, account_id: int | None, *, now: datetime) -> bool:
    """Take a known, locked order to the row's status; whether the row has anything else to tell. Raises Refused."""
    require_past({"ordered_at": row.ordered_at, "paid_at": row.paid_at}, now=now)
    if account_id is None:
        raise Refused("invalid", _("There is no account %(number)s.") % {"number": row.account}, pointer="/account")
    if order is None:
        return True
    if order.account_id != account_id:
        detail = _("Order %(number)s belongs to another account.") % {"number": row.number}
        raise Refused("invalid", detail, pointer="/account")
    if row.status == Order.Status.UNPAID and order.lapsed(now):
        return False
    if order.status != row.status:
        ended_at = _cancelled_at(order, now=now) if row.status == Order.Status.CANCELLED else now
        try:
            move_order(order, row.status, paid_at=row.paid_at, at=ended_at)
        except Refused as refused:
            raise Refused(refused.code, refused.detail, pointer="/status") from refused
    order.paid_at = row.paid_at or order.paid_at
    return True


def _cancelled_at(order: Order, *, now: datetime) -> datetime:
    """An order that was never paid was cancelled at its deadline at the latest (R10)."""
    return now if order.paid_at else min(now, order.payment_deadline)


def _new(row: OrderRow, account_id: int, *, now: datetime) -> Order:
    """A new order with its status and times. One that is past its deadline stays unpaid: the clock cancels it (R10)."""
    order = Order(
        number=row.number,
        account_id=account_id,
        status=row.status,
        ordered_at=row.ordered_at,
        paid_at=row.paid_at,
        refunded_at=now if row.status == Order.Status.REFUNDED else None,
    )
    order.set_deadline()
    if row.status == Order.Status.CANCELLED:
        order.cancelled_at = _cancelled_at(order, now=now)
    return order


def _take_facts(order: Order, row: OrderRow, product_id: int) -> None:
    for name in FACTS:
        setattr(order, name, getattr(row, name))
    order.product_id = product_id
    order.set_deadline()


def _products_of(rows: Collection[OrderRow], *, open_products: bool) -> tuple[Mapping[str, int], list[str]]:
    """Product code → id for all of `rows`, and the codes created for it."""
    names: dict[str, str] = {}
    for row in rows:
        names.setdefault(row.product_code, row.product_name)
    products = Product.objects.filter(code__in=names)
    known = dict(products.values_list("code", "pk"))
    missing = [code for code in names if code not in known]
    if missing:
        Product.objects.bulk_create(
            [Product(code=code, name=names[code], supports_contracts=open_products) for code in sorted(missing)]
        )
        known = dict(products.values_list("code", "pk"))
    return known, missing


def _save(created: Sequence[Order], updated: Sequence[Order]) -> None:
    """One statement each; as an insert that meets its row, for that is much faster than an update by cases.

    Everyone inserts in the order of the numbers, or two imports of the same orders would wait for each other.
    """
    Order.objects.bulk_create(sorted(created, key=lambda order: order.number))
    Order.objects.bulk_create(updated, update_conflicts=True, unique_fields=["number"], update_fields=UPDATED)
