"""Chips above the contract list: one for each active filter, with the address without it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from contracts.bulk.filters import Todo
from contracts.models import Contract
from contracts.types import CHOICES
from contracts.views.forms import ListFilters

DAYS = ("since", "until")
LABELS: dict[str, dict[str, Any]] = {
    "type": dict(CHOICES),
    "status": dict(Contract.Status.choices),
    "todo": dict(Todo.choices),
}


@dataclass(frozen=True, slots=True)
class Chip:
    text: str
    """The value, without words around it."""
    address: str
    """Query string of the list without the filter."""


def chips_of(form: ListFilters, given: QueryDict) -> list[Chip]:
    """Return a chip for each filter of a valid form. Removing the days shows all dates."""
    return [Chip(text, _without(names, given)) for names, text in _texts(form)]


def _texts(form: ListFilters) -> Iterator[tuple[tuple[str, ...], str]]:
    values = form.cleaned_data
    if values["q"]:
        yield ("q",), values["q"]
    if any(values[name] for name in DAYS):
        days = [values[name].isoformat() if values[name] else "" for name in DAYS]
        yield DAYS, days[0] if days[0] == days[1] else " – ".join(days).strip()
    for name, labels in LABELS.items():
        if value := values[name]:
            yield (name,), str(labels[value])
    for name in ("product", "po_number"):
        if values[name]:
            yield (name,), values[name]


def _without(names: tuple[str, ...], given: QueryDict) -> str:
    """Return the query string without these filters. Days are emptied: the list has others by default (R17)."""
    query = given.copy()
    for name in ("page", *names):
        query.pop(name, None)
        if name in DAYS:
            query[name] = ""
    return "?" + query.urlencode()
