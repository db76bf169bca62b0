"""Model fields for money, exact on PostgreSQL and SQLite."""

from decimal import Decimal
from typing import Any

from django.db import connection, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql.compiler import SQLCompiler

DECIMALS = 3
"""Maximum number of decimals of any currency in use (ISO 4217)."""
SCALE = 10**DECIMALS
LOWER_DIGITS = 10**9
CENT, THOUSANDTH = Decimal("0.01"), Decimal("0.001")


class MoneyField(models.DecimalField):
    """An amount of money with up to three decimals.

    PostgreSQL stores a decimal. SQLite would store an inexact float, so there the column holds thousandths as an
    integer. Use SumOfMoney for sums.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_digits": 16 + DECIMALS, "decimal_places": DECIMALS} | kwargs)

    def get_internal_type(self) -> str:
        """Return a type of its own only on SQLite: PostgreSQL's fast bulk insert requires a type that Django knows."""
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
        """Return the amount with two decimals, or three if the third is not zero."""
        if value is None:
            return None
        amount = Decimal(value).scaleb(-DECIMALS) if connection.vendor == "sqlite" else value
        cents = amount.quantize(CENT)
        return cents if cents == amount else amount


class SumOfMoney(models.Sum):
    """The sum of a MoneyField; None for no rows. Avoids integer overflow on SQLite."""

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Any:
        """Sum the upper and the lower digits separately, as "upper lower"."""
        upper = f"%(expressions)s / {LOWER_DIGITS}"
        template = f"SUM({upper}) || ' ' || SUM(%(expressions)s - {upper} * {LOWER_DIGITS})"
        return self.as_sql(compiler, connection, template=template, **context)

    def convert_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> Any:
        if value is None or connection.vendor != "sqlite":
            return value
        upper, lower = value.split()
        return int(upper) * LOWER_DIGITS + int(lower)
