"""Registry of handlers that run in the transaction that cancels or refunds orders. Higher apps register them."""

from collections.abc import Callable, Collection
from datetime import datetime

OrdersEndedHandler = Callable[[Collection[int], datetime], None]
"""Called with the ids of the orders, which are locked and saved, and the time (aware)."""

_handlers: list[OrdersEndedHandler] = []


def register_orders_ended_handler(handler: OrdersEndedHandler) -> None:
    """Register `handler`. Call this from an app's `ready`."""
    _handlers.append(handler)


def run_orders_ended_handlers(order_ids: Collection[int], *, now: datetime) -> None:
    """Run the handlers for orders ended by people or the order system. The scheduler's sweep ends contracts itself."""
    if order_ids:
        for handler in _handlers:
            handler(order_ids, now)
