"""Columns of money: exact on both databases."""

from decimal import Decimal
from typing import Any

from django.db import connection, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql.compiler import SQLCompiler

DECIMALS = 3
"""No currency in use has more (ISO 4217)."""
SCALE = 10**DECIMALS
HALF = 10**9
CENT, THOUSANDTH = Decimal("0.01"), Decimal("0.001")


class MoneyField(models.DecimalField):
    """An amount of money with up to three decimals.

    PostgreSQL stores a decimal. SQLite has only floats for decimals, which lose digits, so there the column holds
    thousandths as an integer. Sum it with SumOfMoney.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_digits": 16 + DECIMALS, "decimal_places": DECIMALS} | kwargs)

    def get_internal_type(self) -> str:
        """Django treats a DecimalField as floats on SQLite, and inserts known types alone fast on PostgreSQL."""
        return "MoneyField" if connection.vendor == "sqlite" else super().get_internal_type()

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        return "bigint" if connection.vendor == "sqlite" else super().db_type(connection)

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        if not isinstance(value, Decimal):
            value = self.get_prep_value(value)
            if value is None or hasattr(value, "as_sql"):
                return value
        if value != value.quantize(THOUSANDTH):
            raise ValueError(f"More than {DECIMALS} decimals: {value}")
        return int(value * SCALE) if connection.vendor == "sqlite" else value

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> Decimal | None:
        """The amount, with a third decimal only where it is not zero."""
        if value is None:
            return None
        amount = Decimal(value).scaleb(-DECIMALS) if connection.vendor == "sqlite" else value
        cents = amount.quantize(CENT)
        return cents if cents == amount else amount


class SumOfMoney(models.Sum):
    """The sum of a MoneyField, None over no rows. SQLite's integers would overflow over the largest amounts."""

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Any:
        """Sum the upper and the lower digits apart, as "upper lower"."""
        upper = f"%(expressions)s / {HALF}"
        template = f"SUM({upper}) || ' ' || SUM(%(expressions)s - {upper} * {HALF})"
        return self.as_sql(compiler, connection, template=template, **context)

    def convert_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> Any:
        if value is None or connection.vendor != "sqlite":
            return value
        upper, lower = value.split()
        return int(upper) * HALF + int(lower)
