"""Which characters of an order's texts the contract's fonts lack (R28)."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from common.errors import Fault
from contracts.pdf.fonts import missing_characters
from orders.importing import OrderRow
from orders.models import Order


def name_characters(missing: str) -> str:
    """The characters with their code points, for a sentence: 🚀 (U+1F680)."""
    return ", ".join(f"{char} (U+{ord(char):04X})" for char in missing)


def unprintable_in_order(order: Order) -> str:
    """The characters of the order that a contract cannot print, named; empty if it can print all. Product loaded."""
    text = f"{order.number}{order.product.name}{order.configuration}{order.region}"
    return "" if text.isascii() else name_characters(missing_characters(text))


def warnings_of_row(row: OrderRow) -> Iterator[Fault]:
    """A warning for each text of an order from outside that a contract cannot print."""
    for column in ("product_name", "configuration", "region"):
        text = getattr(row, column)
        if not text.isascii() and (missing := missing_characters(text)):
            detail = _("The order cannot enter a contract: its document cannot print %(characters)s.")
            yield Fault("unprintable_characters", detail % {"characters": name_characters(missing)}, f"/{column}")
