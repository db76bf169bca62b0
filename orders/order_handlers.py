"""Registry of handlers that run in the transaction that changes orders. Higher apps register them."""

from collections.abc import Callable, Collection
from datetime import datetime

OrdersEndedHandler = Callable[[Collection[int], datetime], None]
"""Called with the ids of the orders, which are locked and saved, and the time (aware)."""
InvoicesStatedHandler = Callable[[Collection[int]], None]
"""Called with the ids of the orders, which are locked and saved."""

_ended: list[OrdersEndedHandler] = []
_invoiced: list[InvoicesStatedHandler] = []


def register_orders_ended_handler(handler: OrdersEndedHandler) -> None:
    """Register `handler`. Call this from an app's `ready`."""
    _ended.append(handler)


def register_invoices_stated_handler(handler: InvoicesStatedHandler) -> None:
    """Register `handler`. Call this from an app's `ready`."""
    _invoiced.append(handler)


def run_orders_ended_handlers(order_ids: Collection[int], *, now: datetime) -> None:
    """Run the handlers for orders ended by people or the order system. The scheduler's sweep ends contracts itself."""
    if order_ids:
        for handler in _ended:
            handler(order_ids, now)


def run_invoices_stated_handlers(order_ids: Collection[int]) -> None:
    """Run the handlers for orders whose invoice numbers the order system has changed."""
    if order_ids:
        for handler in _invoiced:
            handler(order_ids)
