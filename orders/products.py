"""Which products support electronic contracts, and what opening or closing one does (R6)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.access.actors import Actor
from common.transactions import in_transaction
from orders.models import Order, Product

MOST_TOLD = 10_000
"""Orders of one kind of one product. Past that it makes no difference to who decides."""


@dataclass(frozen=True, slots=True)
class Effect:
    """How many orders of a product a change concerns, each counted up to MOST_TOLD."""

    product: Product
    paid: int
    """For order contracts."""
    unpaid: int
    """For payment request contracts: unpaid and not past their deadline (R10)."""
    held: int
    """In live contracts, which keep what they say (R23)."""


@in_transaction
def open_products(*, products: Iterable[Product], supports: bool, by: Actor) -> list[Product]:
    """Open products to electronic contracts, or close them; returns those that were not so already, read anew.

    New contracts follow at once, contracts that are there stay as they are. Who did it is kept in the log of the admin.
    """
    by.require_to_act()
    ids = [product.pk for product in products]
    changed = list(Product.objects.filter(pk__in=ids).exclude(supports_contracts=supports).select_for_update())
    for product in changed:
        product.supports_contracts = supports
        product.save(update_fields=["supports_contracts"])
    said = _("Opened to electronic contracts.") if supports else _("Closed to electronic contracts.")
    LogEntry.objects.log_actions(by.person, changed, CHANGE, said)
    return changed


def effects_of(products: Iterable[Product], *, now: datetime) -> list[Effect]:
    """What opening or closing these products would do to the orders that are there now (aware)."""
    return [_effect(product, now) for product in products]


def _effect(product: Product, now: datetime) -> Effect:
    orders = Order.objects.filter(product=product).order_by()
    running = Q(contract_lines__contract__expires_at=None) | Q(contract_lines__contract__expires_at__gt=now)
    counted = (
        orders.filter(status=Order.Status.PAID),
        orders.filter(status=Order.Status.UNPAID, payment_deadline__gt=now),
        # Contracts are known here by the name of their reference only; a live one has not released the order (R7).
        orders.filter(running, contract_lines__isnull=False, contract_lines__released_at=None),
    )
    return Effect(product, *(rows.values("pk")[:MOST_TOLD].count() for rows in counted))
