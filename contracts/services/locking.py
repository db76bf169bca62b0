"""The one order in which rows are locked: orders by pk, then the contract, then its ticket."""

from collections.abc import Collection
from datetime import datetime

from django.db import models
from structlog.contextvars import bind_contextvars

from accounts.models import Account
from contracts.models import Contract, ContractOrder, VoidTicket
from orders.models import Order


def lock_orders(account: Account, numbers: Collection[str]) -> list[Order]:
    """The account's orders of these numbers, locked in one query and read anew, with their products, which are few."""
    orders = Order.objects.of(account).filter(number__in=numbers)
    return list(orders.prefetch_related("product").select_for_update().order_by("pk"))


def lock_orders_of(contract_ids: Collection[int]) -> dict[int, Order]:
    """Order id → order, for all orders of these contracts, locked in one query and read anew."""
    ids = ContractOrder.objects.filter(contract__in=contract_ids).values("order")
    return {order.pk: order for order in Order.objects.filter(pk__in=ids).select_for_update().order_by("pk")}


def lock_contracts(contracts: "models.QuerySet[Contract]", *, waiting: bool = True) -> list[Contract]:
    """These contracts, locked and read anew. Their orders are to be locked before, unless nothing is waited for.

    Without `waiting`, those that somebody else holds are left out.
    """
    locked = contracts.select_for_update(of=("self",), skip_locked=not waiting)
    return list(locked.select_related("account").order_by("pk"))


def lock_contract(pk: int, *, now: datetime) -> tuple[Contract, dict[int, Order]]:
    """The contract with its `status_at` (R21) and its orders by id, all locked and read anew."""
    orders = lock_orders_of([pk])
    [contract] = lock_contracts(Contract.objects.with_status_at(now).filter(pk=pk))
    bind_contextvars(contract=contract.number, account=contract.account.number)
    return contract, orders


def lock_open_tickets(contracts: Collection[Contract]) -> list[VoidTicket]:
    """The open tickets of locked contracts."""
    tickets = VoidTicket.objects.filter(contract__in=contracts, status=VoidTicket.Status.OPEN)
    return list(tickets.select_for_update().order_by("pk"))
