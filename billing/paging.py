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


def page_of(rows: "QuerySet[Any]", number: str | None, *, size: int) -> Page[Any]:
    """Page `number` as an address gives it, of `size` rows; anything that is no number is the first page."""
    sound = number and number.isascii() and number.isdigit()
    page = min(int(number[:9]), LAST_PAGE) if number and sound else 1
    page = max(page, 1)
    found = list(rows[(page - 1) * size : page * size + 1])
    return Page(found[:size], page, len(found) > size)
