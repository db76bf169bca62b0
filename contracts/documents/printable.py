"""Find characters in an order's texts that the contract's fonts lack (R28)."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from common.errors import Fault
from contracts.pdf.fonts import missing_characters
from orders.facts import PRINTED_TEXTS
from orders.importing import OrderRow
from orders.models import Order


def name_characters(missing: str) -> str:
    """Format the characters with their code points, such as 🚀 (U+1F680)."""
    return ", ".join(f"{char} (U+{ord(char):04X})" for char in missing)


def unprintable_in_order(order: Order) -> str:
    """Return the order's unprintable characters, formatted; empty if there are none. The product must be loaded."""
    text = "".join([order.number, order.product.name, *(getattr(order, name) for name in PRINTED_TEXTS)])
    return "" if text.isascii() else name_characters(missing_characters(text))


def warnings_of_row(row: OrderRow) -> Iterator[Fault]:
    """Yield a warning for each text of an imported order that a contract cannot print."""
    texts = {"product_name": row.product_name} | {name: row.facts.get(name, "") for name in PRINTED_TEXTS}
    for column, text in texts.items():
        if not text.isascii() and (missing := missing_characters(text)):
            detail = _("The order cannot be included in a contract: documents cannot print %(characters)s.")
            yield Fault("unprintable_characters", detail % {"characters": name_characters(missing)}, f"/{column}")
