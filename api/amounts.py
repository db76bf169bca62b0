"""Amounts of money in request and response bodies."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.money import plain_amount, plain_percent


@extend_schema_field({"type": "string", "format": "decimal", "pattern": r"^-?\d{1,16}(\.\d{2,3})?$"})
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


@extend_schema_field({"type": "string", "format": "decimal", "pattern": r"^\d{1,3}(\.\d{1,4})?$"})
class PercentField(serializers.DecimalField):
    """A decimal string without trailing zeros: "13", "8.875"."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(7, 4, help_text="Percent.", **kwargs)

    def to_representation(self, value: Any) -> str:
        return plain_percent(value)
