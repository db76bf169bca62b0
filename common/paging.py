"""Pages of long lists without counting them: a count of a million rows costs more than the page."""

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
    """Whether there is a page after this one."""

    @property
    def previous(self) -> int:
        return self.number - 1

    @property
    def following(self) -> int:
        return self.number + 1 if self.more else 0


def page_of(rows: "QuerySet[Any]", number: str | None, *, size: int, first: Sequence[Any] = ()) -> Page[Any]:
    """Page `number` as an address gives it, of `size` rows; anything that is no number is the first page.

    `first` are rows that come before those of the query, on the first pages.
    """
    sound = number and number.isascii() and number.isdigit()
    page = min(int(number[:9]), LAST_PAGE) if number and sound else 1
    page = max(page, 1)
    start, stop = (page - 1) * size, page * size + 1
    skipped, end = max(start - len(first), 0), max(stop - len(first), 0)
    if skipped:  # found by key alone first: what is annotated would be worked out for the skipped rows, too
        rows = rows.filter(pk__in=rows.values("pk")[skipped:end])
    found = [*first[start:stop], *rows[:end]]
    return Page(found[:size], page, len(found) > size)
