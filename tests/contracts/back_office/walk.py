"""Every address of the back office, taken from its URL patterns and filled in with the rows that are there."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any
from urllib.parse import quote as url_quote

from django.contrib import admin
from django.contrib.admin.utils import quote
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.urls import URLResolver

from contracts.models import Contract, ContractDocument
from contracts.types import TYPES

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)")
NOBODYS = ("0", "abc", "99999999999999999999", "1/2", "é'\"<b>")
"""Ids of no row: an address with one of these is a page that is not there."""
VALUES = {
    "kind": ContractDocument.Kind.values,
    "type_": list(TYPES),
    "language": Contract.Language.values,
    "page": ["1", "9999"],
    "export_id": ["00000000-0000-0000-0000-000000000000"],
    "url": ["nothing/is/here"],
}
"""Parameters of addresses that say something else than which row."""
LATEST = 3
"""Rows of a model without states that are walked to."""
STATES = ("status", "state", "kind")
"""Fields of which the first that a model has says in which states its rows are; one of each is walked to."""
OF_THE_ROW = {"object_id", "pk", "id"}


@dataclass(frozen=True, slots=True)
class Address:
    """One address, and the model and row that it is about, if any; an id of nobody has no row."""

    url: str
    name: str
    route: str
    model: type[Model] | None = None
    row: Model | None = None


def parameters(route: str) -> list[str]:
    return [first or second for first, second in PARAMETER.findall(route)]


def routes() -> Iterator[tuple[str, str]]:
    """The name and the route, below `/admin/`, of every URL pattern; a name may be empty."""
    return _routes(admin.site.get_urls(), "")


def _routes(patterns: list[Any], before: str) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, route)
        else:
            yield pattern.name or "", route.removeprefix("^").removesuffix("$")


def addresses(*, models: Collection[type[Model] | None] = (), nobodys: bool = True) -> list[Address]:
    """Every address over the rows that are there, and over ids that nobody has.

    `models`: only addresses of these, None standing for those of no model.
    """
    found = []
    for name, route in routes():
        model = model_of(route)
        if models and model not in models:
            continue
        if model is None or not set(parameters(route)) & OF_THE_ROW:
            found += [Address(url, name, route, model) for url in _filled(route, "")]
            continue
        rows = walked_to(model)
        assert rows, f"There is no {model._meta.verbose_name} to walk to: open_office must make one."
        for row in rows:
            urls = _filled(route, quote(row.pk))
            found += [Address(url, name, route, model, row) for url in (urls if row is rows[0] else urls[:1])]
        for odd in NOBODYS if nobodys else ():
            found += [Address(url, name, route, model) for url in _filled(route, odd)[:1]]
    return found


def walked_to(model: type[Model]) -> list[Model]:
    """The latest rows, and one in every state; the latest first."""
    rows = list(model._base_manager.order_by("-pk"))
    names = {field.name for field in model._meta.concrete_fields}
    state = next((name for name in STATES if name in names), None)
    if state is None:
        return rows[:LATEST]
    latest = {getattr(row, state): row for row in reversed(rows)}
    return [row for row in rows if row in latest.values()]


def model_of(route: str) -> type[Model] | None:
    """The registered model whose addresses begin so."""
    for model in admin.site._registry:
        if route.startswith(f"{model._meta.app_label}/{model._meta.model_name}/"):
            return model
    return None


def _filled(route: str, pk: str) -> list[str]:
    names = parameters(route)
    if "content_type_id" in names:  # Django's way to a row's own page: one of every model
        rows = [(ContentType.objects.get_for_model(m), m._base_manager.first()) for m in admin.site._registry]
        return [_put(route, (kind.pk, quote(row.pk) if row else 0)) for kind, row in rows]
    return [_put(route, given) for given in product(*(_values(name, pk, route) for name in names))]


def _values(name: str, pk: str, route: str) -> list[Any]:
    if name in OF_THE_ROW:
        return [pk]
    if name == "app_label":
        return sorted({model._meta.app_label for model in admin.site._registry})
    assert name in VALUES, f"The walk knows no value for {name} in {route}: add it to VALUES."
    return list(VALUES[name])


def _put(route: str, given: Iterable[object]) -> str:
    values = iter(given)
    return f"/admin/{PARAMETER.sub(lambda _: url_quote(str(next(values))), route)}"
