"""What else happens in the transaction in which orders are cancelled or refunded: apps above this one register it."""

from collections.abc import Callable, Collection
from datetime import datetime

OrdersEnded = Callable[[Collection[int], datetime], None]
"""Called with the ids of orders that are locked and saved, and the time (aware)."""

_handlers: list[OrdersEnded] = []


def call_when_orders_end(handler: OrdersEnded) -> None:
    """Register `handler`. Call this from an app's `ready`."""
    _handlers.append(handler)


def orders_ended(order_ids: Collection[int], *, now: datetime) -> None:
    """Call the handlers for orders that people or the order system ended. The clock's sweep ends contracts itself."""
    if order_ids:
        for handler in _handlers:
            handler(order_ids, now)
