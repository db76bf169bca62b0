"""Members of responses with their bounds. Bounds are for the description only: what we return is not validated."""

from typing import Any

from django.db.models import Model
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from rest_framework import serializers

from api.parsing import length_of

MAX_ID = 2**63 - 1
MAX_INTEGER = 2**31 - 1
MAX_USERNAME_CHARS = 150
SHA256_PATTERN = "^[0-9a-f]{64}$"
VERIFICATION_CODE_PATTERN = "^[2-9A-Z]{4}(-[2-9A-Z]{4}){4}$"
CURRENCY_PATTERN = "^[A-Z]{3}$"


class ShownText(serializers.CharField):
    """A text of at most `up_to` characters, or of `pattern`."""

    def __init__(self, up_to: int | None = None, *, pattern: str = "", **more: Any) -> None:
        super().__init__(**more)
        self.bounds = {"pattern": pattern} if pattern else {"maxLength": up_to}


class ShownNumber(serializers.IntegerField):
    def __init__(self, least: int = 0, most: int = MAX_INTEGER, **more: Any) -> None:
        super().__init__(**more)
        self.bounds = {"minimum": least, "maximum": most}


class ShownList(serializers.ListField):
    def __init__(self, child: serializers.Field, up_to: int, *, at_least: int = 0, **more: Any) -> None:
        super().__init__(child=child, **more)
        self.bounds = {"maxItems": up_to} | ({"minItems": at_least} if at_least else {})


class ShownPairs(serializers.DictField):
    """An object with at most `up_to` members, whose names have a schema."""

    def __init__(self, child: serializers.Field, up_to: int, *, names: dict[str, Any], **more: Any) -> None:
        super().__init__(child=child, **more)
        self.bounds = {"maxProperties": up_to, "propertyNames": names}


def column(model: type[Model], name: str, **more: Any) -> ShownText:
    """Return a text of the model's column."""
    return ShownText(length_of(model, name), **more)


def identifier(**more: Any) -> ShownNumber:
    return ShownNumber(1, MAX_ID, **more)


def currency(**more: Any) -> ShownText:
    return ShownText(pattern=CURRENCY_PATTERN, **more)


class TextBounds(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = ShownText
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        return {"type": "string", **self.target.bounds}


class NumberBounds(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = ShownNumber

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        return {"type": "integer", **self.target.bounds}


class ListBounds(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = ShownList

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        items = auto_schema._map_serializer_field(self.target.child, direction)
        return {"type": "array", "items": items, **self.target.bounds}


class PairsBounds(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = ShownPairs

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        values = auto_schema._map_serializer_field(self.target.child, direction)
        return {"type": "object", "additionalProperties": values, **self.target.bounds}
