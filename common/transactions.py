"""Run services in a transaction, with retries after a deadlock."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import IntegrityError, OperationalError, transaction

from common.tracing import traced

Params = ParamSpec("Params")
Result = TypeVar("Result")
MAX_ATTEMPTS = 3
MAX_CONFLICT_ATTEMPTS = 5
"""Every attempt fails only if a concurrent transaction has added some of the same rows."""
UNIQUE_VIOLATION = "23505"
"""PostgreSQL's code for a row that exists already. SQLite's writers wait for each other, so no other has added it."""
RETRYABLE_SQLSTATES = {"40P01", "40001"}
"""PostgreSQL's codes for a deadlock and a serialization failure, after which a retry may succeed."""


def in_transaction(service: Callable[Params, Result]) -> Callable[Params, Result]:
    """Run a service in a transaction, with up to MAX_ATTEMPTS attempts after a deadlock.

    Services lock rows in one order, but a file import locks them in the order of the file. Inside a transaction of the
    caller the service joins that transaction and is not retried. In a trace it is a span.
    """

    @traced
    @wraps(service)
    def run(*args: Params.args, **kwargs: Params.kwargs) -> Result:
        for _ in range(MAX_ATTEMPTS - 1):
            outermost = not transaction.get_connection().in_atomic_block
            try:
                with transaction.atomic():
                    return service(*args, **kwargs)
            except OperationalError as error:
                if not (outermost and getattr(error.__cause__, "sqlstate", None) in RETRYABLE_SQLSTATES):
                    raise
        with transaction.atomic():
            return service(*args, **kwargs)

    return run


def retry_on_conflict(service: Callable[Params, Result]) -> Callable[Params, Result]:
    """Run a transaction again if a concurrent one has added a row with the same unique value, which it then finds.

    Decorates services decorated with `in_transaction`.
    """

    @wraps(service)
    def run(*args: Params.args, **kwargs: Params.kwargs) -> Result:
        for _ in range(MAX_CONFLICT_ATTEMPTS - 1):
            try:
                return service(*args, **kwargs)
            except IntegrityError as error:
                if getattr(error.__cause__, "sqlstate", None) != UNIQUE_VIOLATION:
                    raise
        return service(*args, **kwargs)

    return run
