"""Warnings about orders that are stored but cannot enter a contract. Higher apps register the checks."""

from collections.abc import Callable, Iterable

from common.errors import Fault
from orders.importing.rows import OrderRow

RowCheck = Callable[[OrderRow], Iterable[Fault]]
"""Returns a fault for each affected column, with "/column" as its pointer."""

_checks: list[RowCheck] = []


def register_import_check(check: RowCheck) -> None:
    """Register `check`. Call this from an app's `ready`."""
    _checks.append(check)


def find_import_warnings(row: OrderRow) -> tuple[Fault, ...]:
    return tuple(fault for check in _checks for fault in check(row))
