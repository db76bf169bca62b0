"""Open products to electronic contracts, or close them (R6)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.access.actors import Actor
from common.transactions import in_transaction
from orders.models import Order, Product

MAX_COUNTED_ORDERS = 10_000
"""Counting stops here; a higher number makes no difference to the decision."""


@dataclass(frozen=True, slots=True)
class Effect:
    """Number of a product's orders affected by a change, each counted up to MAX_COUNTED_ORDERS."""

    product: Product
    paid: int
    """Orders that can enter order contracts."""
    unpaid: int
    """Orders that can enter payment request contracts: unpaid and not past their deadline (R10)."""
    held: int
    """Orders in live contracts, which do not change (R23)."""


@in_transaction
def open_products(*, products: Iterable[Product], supports: bool, by: Actor) -> list[Product]:
    """Open products to electronic contracts, or close them, and return the changed ones, freshly loaded.

    Applies to new contracts immediately; existing contracts stay unchanged. Recorded in the admin log.
    """
    by.require_to_act()
    ids = [product.pk for product in products]
    changed = list(Product.objects.filter(pk__in=ids).exclude(supports_contracts=supports).select_for_update())
    for product in changed:
        product.supports_contracts = supports
        product.save(update_fields=["supports_contracts"])
    message = _("Opened to electronic contracts.") if supports else _("Closed to electronic contracts.")
    LogEntry.objects.log_actions(by.person, changed, CHANGE, message)
    return changed


def count_effects(products: Iterable[Product], *, now: datetime) -> list[Effect]:
    """Count the orders that opening or closing these products would affect at `now` (aware)."""
    return [_count_effect(product, now) for product in products]


def _count_effect(product: Product, now: datetime) -> Effect:
    orders = Order.objects.filter(product=product).order_by()
    running = Q(contract_lines__contract__expires_at=None) | Q(contract_lines__contract__expires_at__gt=now)
    counted = (
        orders.filter(status=Order.Status.PAID),
        orders.filter(status=Order.Status.UNPAID, payment_deadline__gt=now),
        # Contracts are an upper app, reachable only by relation name; a live one has not released the order (R7).
        orders.filter(running, contract_lines__isnull=False, contract_lines__released_at=None),
    )
    return Effect(product, *(rows.values("pk")[:MAX_COUNTED_ORDERS].count() for rows in counted))
