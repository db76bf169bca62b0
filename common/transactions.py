"""The one place that tries a transaction again."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, transaction

Given = ParamSpec("Given")
Made = TypeVar("Made")
ATTEMPTS = 3
AGAIN = {"40P01", "40001"}
"""PostgreSQL's codes for a deadlock and for a serialization failure: the same transaction may well pass now."""


def in_transaction(service: Callable[Given, Made]) -> Callable[Given, Made]:
    """Run a service in a transaction, up to three times where PostgreSQL broke it off for the sake of another.

    Services lock in one order, but an import of a file locks in the file's. Within a transaction of the caller the
    service is part of that and not tried again.
    """

    @wraps(service)
    def run(*args: Given.args, **kwargs: Given.kwargs) -> Made:
        for _ in range(ATTEMPTS - 1):
            outermost = not transaction.get_connection().in_atomic_block
            try:
                with transaction.atomic():
                    return service(*args, **kwargs)
            except OperationalError as error:
                if not (outermost and getattr(error.__cause__, "sqlstate", None) in AGAIN):
                    raise
        with transaction.atomic():
            return service(*args, **kwargs)

    return run
