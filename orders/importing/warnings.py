"""What is odd about an order that is written all the same: apps above this one register what they would refuse."""

from collections.abc import Callable, Iterable

from common.errors import Fault
from orders.importing.rows import OrderRow

RowCheck = Callable[[OrderRow], Iterable[Fault]]
"""Returns a fault for each column that something is odd about, with "/column" as its pointer."""

_checks: list[RowCheck] = []


def check_imported_orders(check: RowCheck) -> None:
    """Register `check`. Call this from an app's `ready`."""
    _checks.append(check)


def warnings_of(row: OrderRow) -> tuple[Fault, ...]:
    return tuple(fault for check in _checks for fault in check(row))
