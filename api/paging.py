"""Keyset pagination: concurrent inserts shift no page, and rows with equal times are not lost."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param
from rest_framework.views import APIView

DEFAULT_PAGE_SIZE = 50
MAX_PAGE_SIZE = 200
MAX_CURSOR_CHARS = 500


@dataclass(frozen=True, slots=True)
class Cursor:
    """The row after which a page begins, by its ordering values; with `back`, the row before which it ends."""

    position: tuple[Any, ...]
    back: bool


class KeysetPagination(BasePagination):
    """Pages in the QuerySet's order, which must end in the primary key and have one direction."""

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        """Return the rows of the page. Raises ValidationError for a page size out of bounds, NotFound for a cursor."""
        size = page_size_of(request)
        names, descending = _ordering_of(queryset)
        cursor = _cursor_of(request.query_params.get("cursor", ""), queryset.model, names)
        if cursor:
            queryset = queryset.filter(_beyond(cursor.position, names, before=descending != cursor.back))
            if cursor.back:
                queryset = queryset.reverse()
        rows = list(queryset[: size + 1])
        more, rows = len(rows) > size, rows[:size]
        back = cursor is not None and cursor.back
        if back:
            rows.reverse()
        self.address = request.build_absolute_uri()
        self.first = _position_of(rows[0], names) if rows else None
        self.last = _position_of(rows[-1], names) if rows else None
        self.has_next = back or more
        self.has_previous = more if back else cursor is not None
        return rows

    def get_next_link(self) -> str | None:
        return self._link(self.last, back=False) if self.has_next else None

    def get_previous_link(self) -> str | None:
        return self._link(self.first, back=True) if self.has_previous else None

    def _link(self, position: list[Any] | None, *, back: bool) -> str:
        """Return the URL of the page beyond the row at `position`; of the first page if this one is empty."""
        if position is None:
            return remove_query_param(self.address, "cursor")
        return replace_query_param(self.address, "cursor", _encoded(position, back=back))

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self.get_next_link(), "previous": self.get_previous_link(), "results": data})


class LinkedPagination(KeysetPagination):
    """Answers with a plain list; the first, next and previous pages are in the `Link` header (RFC 8288)."""

    def get_paginated_response(self, data: Any) -> Response:
        links = {"first": self._link(None, back=False), "next": self.get_next_link(), "prev": self.get_previous_link()}
        said = ", ".join(f'<{address}>; rel="{name}"' for name, address in links.items() if address)
        return Response(data, headers={"Link": said})


def page_size_of(request: Request) -> int:
    """Return the requested page size. Raises ValidationError if it is out of bounds."""
    given = request.query_params.get("page_size")
    if not given:
        return DEFAULT_PAGE_SIZE
    try:
        return serializers.IntegerField(min_value=1, max_value=MAX_PAGE_SIZE).run_validation(given)
    except serializers.ValidationError as error:
        raise serializers.ValidationError({"page_size": error.detail}) from error


def _ordering_of(queryset: QuerySet[Any]) -> tuple[list[str], bool]:
    """Return the ordering's columns, and True if they descend."""
    ordering = [str(name) for name in queryset.query.order_by or queryset.model._meta.ordering]
    names = [name.removeprefix("-") for name in ordering]
    descending = ordering[0].startswith("-")
    total = names[-1] == "pk" and all(name.startswith("-") == descending for name in ordering)
    assert total, f"{ordering} has no single direction or does not end with pk"  # noqa: S101 - our own mistake
    return names, descending


def _beyond(position: Sequence[Any], names: Sequence[str], *, before: bool) -> Q:
    """Return rows whose columns, compared as a tuple, are less than `position` (`before`) or greater."""
    [name, *others], [value, *rest] = names, position
    than = "lt" if before else "gt"
    if not others:
        return Q((f"{name}__{than}", value))
    # The first condition bounds a scan of the index; the rest alone would be an OR, which bounds none.
    strict = Q((f"{name}__{than}", value))
    return Q((f"{name}__{than}e", value)) & (strict | _beyond(rest, others, before=before))


def _position_of(row: Model, names: Sequence[str]) -> list[Any]:
    return [row.serializable_value(name) for name in names]


def _encoded(position: Sequence[Any], *, back: bool) -> str:
    said = json.dumps(["<" if back else ">", *map(str, position)], separators=(",", ":"))
    return urlsafe_base64_encode(said.encode())


def _cursor_of(text: str, model: type[Model], names: Sequence[str]) -> Cursor | None:
    """Parse a cursor of this list. Raises NotFound if it is not one."""
    if not text:
        return None
    if len(text) > MAX_CURSOR_CHARS:
        raise NotFound(_("Invalid cursor."))
    try:
        way, *position = json.loads(urlsafe_base64_decode(text))
        values = [_field_of(model, name).to_python(value) for name, value in zip(names, position, strict=True)]
    except (ValueError, TypeError, RecursionError, ValidationError) as error:
        raise NotFound(_("Invalid cursor.")) from error
    back = way == "<"
    if None in values or _encoded(values, back=back) != text:
        raise NotFound(_("Invalid cursor."))
    return Cursor(tuple(values), back)


def _field_of(model: type[Model], name: str) -> Any:
    return model._meta.pk if name == "pk" else model._meta.get_field(name)
