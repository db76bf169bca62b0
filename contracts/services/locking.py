"""Lock rows in a fixed order: orders by primary key, then the contract, then its ticket."""

from collections.abc import Collection
from datetime import datetime

from django.db import models
from structlog.contextvars import bind_contextvars

from accounts.models import Account
from contracts.models import Approval, Contract, ContractOrder, VoidTicket
from orders.models import Order


def lock_orders(account: Account, numbers: Collection[str]) -> list[Order]:
    """Lock and reload the account's orders of these numbers, in one query, with their products."""
    orders = Order.objects.of(account).filter(number__in=numbers)
    return list(orders.prefetch_related("product").select_for_update().order_by("pk"))


def lock_contract_orders(contract_ids: Collection[int]) -> dict[int, Order]:
    """Lock and reload all orders of these contracts, in one query. Return order id → order."""
    ids = ContractOrder.objects.filter(contract__in=contract_ids).values("order")
    return {order.pk: order for order in Order.objects.filter(pk__in=ids).select_for_update().order_by("pk")}


def lock_contracts(contracts: "models.QuerySet[Contract]", *, waiting: bool = True) -> list[Contract]:
    """Lock and reload these contracts, whose orders the caller has locked.

    Without `waiting`, contracts locked by others are skipped and the orders need no lock.
    """
    locked = contracts.select_for_update(of=("self",), skip_locked=not waiting)
    return list(locked.select_related("account").order_by("pk"))


def lock_contract(pk: int, *, now: datetime) -> tuple[Contract, dict[int, Order]]:
    """Lock and reload the contract, with its `status_at` (R21), and its orders by id."""
    orders = lock_contract_orders([pk])
    [contract] = lock_contracts(Contract.objects.with_status_at(now).filter(pk=pk))
    bind_contextvars(contract=contract.number, account=contract.account.number)
    return contract, orders


def lock_requested_approvals(contracts: Collection[Contract]) -> list[Approval]:
    """Lock the open requests for approval of locked contracts."""
    approvals = Approval.objects.filter(contract__in=contracts, status=Approval.Status.REQUESTED)
    return list(approvals.select_for_update().order_by("pk"))


def lock_open_tickets(contracts: Collection[Contract]) -> list[VoidTicket]:
    """Lock the open tickets of locked contracts."""
    tickets = VoidTicket.objects.filter(contract__in=contracts, status=VoidTicket.Status.OPEN)
    return list(tickets.select_for_update().order_by("pk"))
