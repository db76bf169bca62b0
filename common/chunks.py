from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from django.db.models import QuerySet

from common.transactions import in_transaction

Row = TypeVar("Row")


def in_chunks(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    """Yield the rows in lists of `size`, with only one list in memory at a time."""
    rest = iter(rows)
    while chunk := list(islice(rest, size)):
        yield chunk


def delete_in_chunks(rows: "QuerySet[Any]", size: int) -> int:
    """Delete the rows, `size` per transaction, and return their number.

    The filter is evaluated again for each chunk. Safe to run repeatedly and concurrently.
    """
    done = 0
    while ids := list(rows.values_list("pk", flat=True)[:size]):
        _delete(rows.order_by().filter(pk__in=ids))
        done += len(ids)
    return done


@in_transaction
def _delete(rows: "QuerySet[Any]") -> None:
    rows.delete()
