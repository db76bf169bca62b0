from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Row = TypeVar("Row")


def in_batches(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    """The rows in lists of `size`, the last one shorter; no more than one of them is in memory."""
    rest = iter(rows)
    while batch := list(islice(rest, size)):
        yield batch
