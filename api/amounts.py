"""Amounts of money in request and response bodies."""

import re
from decimal import Decimal
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.money import plain_amount, plain_percent

AMOUNT_PATTERN = "^[0-9]{1,16}([.][0-9]{2,3})?$"
PERCENT_PATTERN = "^[0-9]{1,3}([.][0-9]{1,4})?$"


@extend_schema_field({"type": "string", "format": "decimal", "pattern": AMOUNT_PATTERN})
class AmountField(serializers.DecimalField):
    """A decimal string with as many decimals as the object's `currency` has: "1000" yen, "10.125" dinars."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(19, 3, help_text="With the decimals of `currency`.", **kwargs)

    def get_attribute(self, instance: Any) -> Any:
        """Return the amount and its currency, or None if there is no amount."""
        amount = super().get_attribute(instance)
        return None if amount is None else (amount, instance.currency)

    def to_representation(self, value: Any) -> str:
        return plain_amount(*value)


@extend_schema_field({"type": "string", "format": "decimal", "pattern": PERCENT_PATTERN})
class PercentField(serializers.DecimalField):
    """A decimal string without trailing zeros: "13", "8.875"."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(7, 4, help_text="Percent.", **kwargs)

    def to_representation(self, value: Any) -> str:
        return plain_percent(value)


class AmountInput(serializers.DecimalField):
    """An amount in a request: a decimal string, or a number. Other notations, such as "1e3", are refused."""

    def __init__(self, whole_digits: int, **more: Any) -> None:
        super().__init__(whole_digits + 3, 3, **more)
        self.pattern = f"^[0-9]{{1,{whole_digits}}}([.][0-9]{{1,3}})?$"

    def to_internal_value(self, data: Any) -> Decimal:
        if isinstance(data, str) and not re.fullmatch(self.pattern, data):
            self.fail("invalid")
        return super().to_internal_value(data)


class AmountInputExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = AmountInput

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        return {"type": "string", "format": "decimal", "pattern": self.target.pattern}
