from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from json import JSONDecodeError
from typing import Any

from django.db.models import CharField, Model
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.utils import json

from common.errors import Fault, Refused, pointer_token

MAX_MEMBERS = 100
"""Maximum members of one JSON object, more than twice what any object of the API has."""
NON_FIELD = "non_field_errors"


class CarefulJSONParser(JSONParser):
    """Parses JSON. Excessive nesting and repeated members are errors of the client, too.

    Which of two members with one name counts depends on the parser (RFC 8259, section 4).
    """

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """Raises ParseError, and Refused `invalid` with a pointer to a repeated member."""
        objects = _ObjectReader()
        try:
            content = json.loads(stream.read().decode("utf-8"), object_pairs_hook=objects.read)
            pointer = objects.pointer_to_repeated(content)
        except RecursionError as error:
            raise ParseError(_("The JSON is nested too deep.")) from error
        except ValueError as error:
            raise ParseError(_why(error)) from error
        if pointer is not None:
            raise Refused("invalid", _("This member appears twice."), pointer=pointer)
        return content


class _ObjectReader:
    """Builds the objects of one body and remembers the last one that repeats a member.

    Objects are built from the inside out, so no later object can have replaced that one.
    """

    def __init__(self) -> None:
        self._repeating: dict[str, Any] | None = None
        self._name = ""

    def read(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) < len(pairs):
            counts = Counter(name for name, _value in pairs)
            self._repeating, self._name = members, next(name for name in counts if counts[name] > 1)
        return members

    def pointer_to_repeated(self, content: Any) -> str | None:
        """Return the pointer into `content` to a repeated member, or None. Raises RecursionError."""
        return None if self._repeating is None else self._pointer_in(content)

    def _pointer_in(self, content: Any) -> str | None:
        if content is self._repeating:
            return f"/{pointer_token(self._name)}"
        inner: Iterable[tuple[Any, Any]] = ()
        if isinstance(content, dict):
            inner = content.items()
        elif isinstance(content, list):
            inner = enumerate(content)
        for name, value in inner:
            pointer = self._pointer_in(value)
            if pointer is not None:
                return f"/{pointer_token(str(name))}{pointer}"
        return None


def _why(error: ValueError) -> str:
    """Return what is wrong with the JSON, as a sentence."""
    if isinstance(error, JSONDecodeError):
        place = {"line": error.lineno, "column": error.colno}
        return _("The body is not JSON: see line %(line)d, column %(column)d.") % place
    return _("The body is not JSON in UTF-8.")


def length_of(model: type[Model], field: str) -> int:
    """Return the column's maximum length in characters."""
    column = model._meta.get_field(field)
    assert isinstance(column, CharField)  # noqa: S101 - for mypy: a wrong name fails at import
    return column.max_length or 0


class Text(serializers.CharField):
    """A string member. Numbers are refused, though DRF would accept their digits."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Boolean(serializers.BooleanField):
    """A boolean member. Numbers and words are refused, though DRF would accept some of them."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Integer(serializers.IntegerField):
    """A whole number. Its digits as a string are refused, though DRF would accept them."""

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)


class BoundedList(serializers.ListField):
    """A list whose length is checked before its items (R46)."""

    def __init__(self, *, max_length: int, **more: Any) -> None:
        super().__init__(max_length=max_length, **more)
        self.limit = max_length

    def to_internal_value(self, data: Any) -> list[Any]:
        if isinstance(data, list) and len(data) > self.limit:
            self.fail("max_length", max_length=self.limit)
        return super().to_internal_value(data)


class StrictSerializer(serializers.Serializer):
    """A JSON object in a request body. Unknown members are refused (R46)."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        errors = unknown_members(data, self.fields) if isinstance(data, Mapping) else {}
        try:
            values = super().to_internal_value(data)
        except serializers.ValidationError as error:
            known = error.detail if isinstance(error.detail, dict) else {}
            raise serializers.ValidationError({**known, **errors}) from error
        if errors:
            raise serializers.ValidationError(errors)
        return values


class NoMembers(StrictSerializer):
    """The body of a call without members: absent or an empty object."""


def unknown_members(given: Any, known: Collection[str]) -> dict[str, str]:
    """Return an error for each member that is not `known`. Raises ValidationError if there are too many."""
    if len(given) > MAX_MEMBERS:
        counts = {"limit": MAX_MEMBERS, "count": len(given)}
        raise serializers.ValidationError({NON_FIELD: _("At most %(limit)d members; %(count)d were given.") % counts})
    return {str(name): _("There is no such member.") for name in given if name not in known}


def faults_of(detail: Any, pointer: str = "") -> Iterator[Fault]:
    """Yield a fault for each field of DRF's nested validation messages."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from faults_of(inner, pointer if name == NON_FIELD else f"{pointer}/{pointer_token(str(name))}")
    elif isinstance(detail, list) and any(isinstance(inner, dict) for inner in detail):
        for i, inner in enumerate(detail):
            yield from faults_of(inner, f"{pointer}/{i}")
    else:
        yield Fault("invalid", " ".join(map(str, detail)) if isinstance(detail, list) else str(detail), pointer)


def body(serializer: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    """Return the validated body. Raises ValidationError. ApiView has checked the permission before."""
    read = serializer(data=request.data)
    read.is_valid(raise_exception=True)
    return read.validated_data
