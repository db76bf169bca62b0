from collections.abc import Collection, Mapping
from json import JSONDecodeError
from typing import Any

from django.db.models import CharField, Model
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser
from rest_framework.request import Request

MAX_MEMBERS = 100
"""Members of one JSON object. No object of the API has half as many."""
NON_FIELD = "non_field_errors"


class CarefulJSONParser(JSONParser):
    """What is no JSON is the sender's error, not ours, also where it is nested so deep that the parser gives up."""

    def parse(self, stream: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().parse(stream, *args, **kwargs)
        except RecursionError as error:
            raise ParseError(_("The JSON is nested too deep.")) from error
        except ParseError as error:
            raise ParseError(_why(error.__context__)) from error


def _why(error: BaseException | None) -> str:
    """What was wrong with the JSON, for people."""
    if isinstance(error, JSONDecodeError):
        place = {"line": error.lineno, "column": error.colno}
        return _("The body is no JSON: see line %(line)d, column %(column)d.") % place
    return _("The body is no JSON in UTF-8.")


def length_of(model: type[Model], field: str) -> int:
    """Return how many characters the column holds."""
    column = model._meta.get_field(field)
    assert isinstance(column, CharField)  # noqa: S101 - for mypy: a wrong name fails at import
    return column.max_length or 0


class Text(serializers.CharField):
    """Text of a body. Numbers are refused, though DRF would accept their digits."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class BoundedList(serializers.ListField):
    """A list whose length is checked before its items are read (R46)."""

    def __init__(self, *, max_length: int, **more: Any) -> None:
        super().__init__(max_length=max_length, **more)
        self.limit = max_length

    def to_internal_value(self, data: Any) -> list[Any]:
        if isinstance(data, list) and len(data) > self.limit:
            self.fail("max_length", max_length=self.limit)
        return super().to_internal_value(data)


class StrictSerializer(serializers.Serializer):
    """The members of a JSON object in a request body. Members with other names are refused (R46)."""

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
    """The body of a call that takes none: absent, or an empty object."""


def unknown_members(given: Any, known: Collection[str]) -> dict[str, str]:
    """Return an error for each member that is not `known`. Raises ValidationError for an object with too many."""
    if len(given) > MAX_MEMBERS:
        counts = {"limit": MAX_MEMBERS, "count": len(given)}
        raise serializers.ValidationError({NON_FIELD: _("At most %(limit)d members; %(count)d were given.") % counts})
    return {str(name): _("There is no such member.") for name in given if name not in known}


def body(serializer: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    """Return the validated body. Raises ValidationError. ApiView has checked the permission before."""
    read = serializer(data=request.data)
    read.is_valid(raise_exception=True)
    return read.validated_data
