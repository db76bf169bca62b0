"""Paginate long lists without counting them: counting a million rows costs more than fetching a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet

Row = TypeVar("Row")
LAST_PAGE = 10_000


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    rows: Sequence[Row]
    number: int
    more: bool
    """True if there is a next page."""

    @property
    def previous(self) -> int:
        return self.number - 1

    @property
    def following(self) -> int:
        return self.number + 1 if self.more else 0


def page_of(rows: "QuerySet[Any]", number: str | None, *, size: int, first: Sequence[Any] = ()) -> Page[Any]:
    """Return page `number` (text from the URL) of `size` rows; the first page if it is not a number.

    `first`: rows shown before those of the query.
    """
    is_number = number and number.isascii() and number.isdigit()
    page = min(int(number[:9]), LAST_PAGE) if number and is_number else 1
    page = max(page, 1)
    start, stop = (page - 1) * size, page * size + 1
    skipped, end = max(start - len(first), 0), max(stop - len(first), 0)
    if skipped:  # select keys first, because annotations would be computed for the skipped rows as well
        rows = rows.filter(pk__in=rows.values("pk")[skipped:end])
    fetched = [*first[start:stop], *rows[:end]]
    return Page(fetched[:size], page, len(fetched) > size)
