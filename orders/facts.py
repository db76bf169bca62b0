"""The facts of an order, declared once for imports, the API, pages, the admin, contracts and privacy.

The number, account, product, currency and payment of an order have rules of their own and are not declared here.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.db import models

from orders.models import Order


class Type(Enum):
    TEXT = "text"
    CHOICE = "choice"
    COUNT = "count"
    AMOUNT = "amount"
    """In the order's currency."""
    TIME = "time"
    PERCENT = "percent"
    PAIRS = "pairs"
    """A JSON object of texts."""
    LIST = "list"
    """A JSON list of texts."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A field of Order, a column of the order feed and a member of the API, all with this name.

    The model field defines label, length and choices, and with `blank` whether the fact may be empty.
    """

    name: str
    type: Type
    optional: bool = False
    """True: a feed may omit it, and then orders keep their value. The model field needs a default or null."""
    printed: bool = False
    """True: contracts freeze it and documents print it. Printed texts must be printable (R28)."""
    personal: bool = False
    """True: it may hold personal data (docs/privacy.md)."""

    @property
    def field(self) -> "models.Field[Any, Any]":
        field = Order._meta.get_field(self.name)
        assert isinstance(field, models.Field)  # noqa: S101 - for mypy: a wrong name raises FieldDoesNotExist
        return field


FACTS = (
    Fact("kind", Type.CHOICE, printed=True),
    Fact("configuration", Type.TEXT, printed=True, personal=True),
    Fact("region", Type.TEXT, printed=True),
    Fact("quantity", Type.COUNT, printed=True),
    Fact("unit", Type.TEXT, optional=True, printed=True),
    Fact("list_amount", Type.AMOUNT, printed=True),
    Fact("payable_amount", Type.AMOUNT, printed=True),
    Fact("tax_rate", Type.PERCENT, optional=True, printed=True),
    Fact("tax_amount", Type.AMOUNT, optional=True, printed=True),
    Fact("ordered_at", Type.TIME),
    Fact("payment_deadline", Type.TIME, optional=True),
    Fact("service_start", Type.TIME, printed=True),
    Fact("service_end", Type.TIME, printed=True),
    Fact("cost_center", Type.TEXT, optional=True, printed=True),
    Fact("external_id", Type.TEXT, optional=True),
    Fact("contracted_elsewhere", Type.TEXT, optional=True),
    Fact("invoice_numbers", Type.LIST, optional=True),
    Fact("metadata", Type.PAIRS, optional=True, personal=True),
    Fact("source_updated_at", Type.TIME, optional=True),
)
OPTIONAL = tuple(fact.name for fact in FACTS if fact.optional)
PRINTED_TEXTS = tuple(fact.name for fact in FACTS if fact.printed and fact.type is Type.TEXT)
