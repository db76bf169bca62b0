"""The same rows for each of many calls, made once."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction


@contextmanager
def undone() -> Iterator[None]:
    """What is written within is taken back at the end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
