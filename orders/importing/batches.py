"""Store imported orders in batches, with a fixed number of queries per batch."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from django.utils.translation import gettext as _

from accounts.models import Account
from common.change_times import ChangeTime
from common.errors import Fault, Refused
from common.transactions import in_transaction, retry_on_conflict
from orders.facts import FACTS
from orders.importing.contradictions import find_deadline_fault, find_tax_fault
from orders.importing.rows import OrderRow
from orders.importing.warnings import find_import_warnings
from orders.models import PAYMENT_TERM, Order, Product
from orders.order_handlers import run_invoices_stated_handlers, run_orders_ended_handlers
from orders.services import move_order, require_past
from orders.webhooks import EVENT_OF_STATUS, publish_order_events

STORED_FIELDS = (
    *(fact.name for fact in FACTS),
    *("currency", "product_id", "status", "paid_at", "cancelled_at", "refunded_at"),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result for one order. A fault's `pointer` is "/column"."""

    number: str
    outcome: Literal["created", "updated", "unchanged", "stale", "failed"]
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    """Reasons why the stored order cannot enter a contract."""


@dataclass(frozen=True, slots=True)
class WriteResult:
    """One outcome per row, in the order of the rows, and the codes of newly created products."""

    outcomes: list[Outcome]
    new_products: list[str]


def write_orders(rows: Sequence[OrderRow], *, now: datetime, support_new_products: bool = False) -> WriteResult:
    """Create or update orders with distinct numbers. Refused orders stay unchanged.

    An existing order gets corrected fields, and changes its status only by allowed transitions; its account never
    changes. An unpaid row does not revive an order that was cancelled at its deadline (R10). `now` (aware) is used as
    the time of a cancellation or refund, because rows do not contain it. A new product is closed to contracts unless
    `support_new_products` (R6); an existing one keeps its name, which only staff change. A row that is older than the
    stored order, by `source_updated_at`, is stale and changes nothing (R48).
    """
    return _write(rows, now=now, open_products=support_new_products)


@retry_on_conflict
@in_transaction
def _write(rows: Sequence[OrderRow], *, now: datetime, open_products: bool) -> WriteResult:
    accounts, updated_at = _find_accounts({row.account for row in rows}, now=now)
    orders = {order.number: order for order in _lock_orders(rows)}
    before = {number: _get_state(order) for number, order in orders.items()}
    left_out: dict[str, Outcome] = {}
    accepted: list[OrderRow] = []
    for row in rows:
        order = orders.get(row.number)
        if order and _is_stale(row, order):
            left_out[row.number] = Outcome(row.number, "stale")
            continue
        try:
            if _apply_status(row, order, accounts.get(row.account), now=now):
                accepted.append(row)
        except Refused as refused:
            left_out[row.number] = Outcome(row.number, "failed", refused.faults)

    products, new_products = _get_or_create_products(accepted, open_products=open_products)
    for row in accepted:
        if row.number not in orders:
            orders[row.number] = _build_order(row, accounts[row.account], now=now)
        _copy_fields(orders[row.number], row, products[row.product_code])
    created = [orders[row.number] for row in accepted if row.number not in before]
    updated = [
        orders[row.number]
        for row in accepted
        if row.number in before and _get_state(orders[row.number]) != before[row.number]
    ]
    _save(created, updated, updated_at=updated_at)
    publish_order_events(
        {
            order.pk: event_type
            for status, event_type in EVENT_OF_STATUS.items()
            for order in updated
            if _became(status, order, before)
        }
    )
    ended = [order.pk for order in updated if any(_became(status, order, before) for status in Order.ENDED)]
    run_orders_ended_handlers(ended, now=now)
    invoices = STORED_FIELDS.index("invoice_numbers")
    run_invoices_stated_handlers(
        [order.pk for order in updated if order.invoice_numbers != before[order.number][invoices]]
    )
    outcome_of = {order.number: Outcome(order.number, "created") for order in created}
    outcome_of |= {order.number: Outcome(order.number, "updated") for order in updated}
    outcome_of |= left_out
    outcomes = [outcome_of.get(row.number) or Outcome(row.number, "unchanged") for row in rows]
    return WriteResult([_add_warnings(outcome, row) for outcome, row in zip(outcomes, rows, strict=True)], new_products)


def _add_warnings(outcome: Outcome, row: OrderRow) -> Outcome:
    warnings = find_import_warnings(row) if outcome.outcome not in ("failed", "stale") else ()
    return replace(outcome, warnings=warnings) if warnings else outcome


def _find_accounts(numbers: Collection[str], *, now: datetime) -> tuple[Mapping[str, int], datetime]:
    """Return account number → id, and the time of the changes that follow. Without an account nothing is changed."""
    found = Account.objects.filter(number__in=numbers).annotate(change_time=ChangeTime())
    rows = list(found.values_list("number", "pk", "change_time"))
    return {number: pk for number, pk, _time in rows}, max((time for _number, _pk, time in rows), default=now)


def _lock_orders(rows: Collection[OrderRow]) -> list[Order]:
    """Lock and return the existing orders, by primary key like all services."""
    return list(Order.objects.filter(number__in=[row.number for row in rows]).select_for_update().order_by("pk"))


def _get_state(order: Order) -> tuple[object, ...]:
    return tuple(getattr(order, name) for name in STORED_FIELDS)


def _became(status: str, order: Order, before: Mapping[str, tuple[object, ...]]) -> bool:
    return order.status == status and before[order.number][STORED_FIELDS.index("status")] != status


def _is_stale(row: OrderRow, order: Order) -> bool:
    """Return True if the order system sent the row before the stored state. Messages can overtake each other."""
    stated = row.facts.get("source_updated_at")
    return bool(stated and order.source_updated_at and stated < order.source_updated_at)


def _apply_status(row: OrderRow, order: Order | None, account_id: int | None, *, now: datetime) -> bool:
    """Validate the row and move an existing, locked order to its status. Raises Refused.

    Returns False if the row must be ignored: an unpaid row for an order that lapsed at its deadline (R10).
    """
    times = {name: row.facts.get(name) for name in ("ordered_at", "source_updated_at")}
    require_past(times | {"paid_at": row.paid_at}, now=now)
    if account_id is None:
        raise Refused("invalid", _("There is no account %(number)s.") % {"number": row.account}, pointer="/account")
    _require_sound_facts(row, order)
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


def _require_sound_facts(row: OrderRow, order: Order | None) -> None:
    """Raise Refused if the row contradicts itself, or the stored optional facts that it omits."""

    def get(name: str) -> Any:
        return row.facts.get(name, order and getattr(order, name))

    fault = find_tax_fault(
        row.facts["payable_amount"], rate=get("tax_rate"), tax=get("tax_amount"), currency=row.currency
    ) or find_deadline_fault(row.facts["ordered_at"], _stated_deadline(row, order))
    if fault:
        omitted = fault.pointer.lstrip("/") not in row.facts  # the stored tax is right, so the amount is wrong
        raise Refused(fault.code, fault.detail, pointer="/payable_amount" if omitted else fault.pointer)


def _stated_deadline(row: OrderRow, order: Order | None) -> datetime | None:
    """Return the deadline that the order system states, in the row or before; None if it follows the order time."""
    if "payment_deadline" in row.facts or order is None or order.has_default_deadline():
        return row.facts.get("payment_deadline")
    return order.payment_deadline


def _cancelled_at(order: Order, *, now: datetime) -> datetime:
    """Return the cancellation time: for an order that was never paid, its deadline at the latest (R10)."""
    return now if order.paid_at else min(now, order.payment_deadline)


def _build_order(row: OrderRow, account_id: int, *, now: datetime) -> Order:
    """Return a new order with status and times. An overdue one stays unpaid until the scheduler cancels it (R10)."""
    order = Order(
        number=row.number,
        account_id=account_id,
        status=row.status,
        ordered_at=row.facts["ordered_at"],
        paid_at=row.paid_at,
        refunded_at=now if row.status == Order.Status.REFUNDED else None,
    )
    order.payment_deadline = row.facts.get("payment_deadline") or order.ordered_at + PAYMENT_TERM
    if row.status == Order.Status.CANCELLED:
        order.cancelled_at = _cancelled_at(order, now=now)
    return order


def _copy_fields(order: Order, row: OrderRow, product_id: int) -> None:
    """Copy the fields that a feed may correct later. Contracts have their own copy (R23)."""
    deadline = _stated_deadline(row, order)
    for name, value in row.facts.items():
        setattr(order, name, value)
    order.payment_deadline = deadline or order.ordered_at + PAYMENT_TERM
    order.currency = row.currency
    order.product_id = product_id


def _get_or_create_products(rows: Collection[OrderRow], *, open_products: bool) -> tuple[Mapping[str, int], list[str]]:
    """Return product code → id for all rows, and the codes of the products created."""
    names: dict[str, str] = {}
    for row in rows:
        names.setdefault(row.product_code, row.product_name)
    products = Product.objects.filter(code__in=names)
    ids = dict(products.values_list("code", "pk"))
    missing = [code for code in names if code not in ids]
    if missing:
        Product.objects.bulk_create(
            [Product(code=code, name=names[code], supports_contracts=open_products) for code in sorted(missing)]
        )
        ids = dict(products.values_list("code", "pk"))
    return ids, missing


def _save(created: Sequence[Order], updated: Sequence[Order], *, updated_at: datetime) -> None:
    """Insert and update with one query each. An upsert is much faster than `bulk_update`.

    Inserts are sorted by number, so that two imports of the same orders do not deadlock. All rows get one literal
    time: PostgreSQL's fast bulk insert takes no expressions.
    """
    for order in (*created, *updated):
        order.updated_at = updated_at
    Order.objects.bulk_create(sorted(created, key=lambda order: order.number))
    fields = [*STORED_FIELDS, "updated_at"]
    Order.objects.bulk_create(updated, update_conflicts=True, unique_fields=["number"], update_fields=fields)
