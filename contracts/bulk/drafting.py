"""Several drafts from one selection of orders: how they are grouped, and how a worker creates one (R1, R42)."""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import models
from django.utils.timezone import localtime
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.access.actors import Actor
from common.chunks import in_chunks
from common.transactions import in_transaction
from contracts import services
from contracts.eligibility import MAX_ORDERS
from contracts.models import BatchItem
from contracts.models.batch import TITLE_MAX_LENGTH
from contracts.types import ContractType
from orders.models import Order

MAX_DRAFTS = 200
"""Maximum drafts of one batch."""


class Grouping(models.TextChoices):
    PRODUCT = "product", _("Product")
    MONTH = "month", pgettext_lazy("grouping", "Month")
    COST_CENTER = "cost_center", _("Cost centre")


@dataclass(frozen=True, slots=True)
class PlannedDraft:
    """Orders of one group and currency, at most as many as a contract can include (R1)."""

    title: str
    orders: Sequence[Order]
    refusal: str
    """Why the orders cannot form a contract; empty if they can."""

    @property
    def currency(self) -> str:
        return self.orders[0].currency

    @property
    def total(self) -> Decimal:
        return sum((order.payable_amount for order in self.orders), Decimal(0))

    @property
    def numbers(self) -> list[str]:
        return [order.number for order in self.orders]


def plan_drafts(orders: Iterable[Order], grouping: Grouping, type_: ContractType) -> list[PlannedDraft]:
    """Return the drafts of eligible orders (products loaded), sorted by title; months are in the current time zone.

    Each group is split by currency and into parts of MAX_ORDERS, oldest orders first.
    """
    title_of = _titles(grouping, type_)
    groups: dict[tuple[str, str], list[Order]] = {}
    for order in sorted(orders, key=lambda order: (getattr(order, type_.dated_by), order.pk)):
        groups.setdefault((title_of(order), order.currency), []).append(order)
    return [
        draft
        for (title, _currency), members in sorted(groups.items(), key=lambda group: group[0])
        for draft in _split(title, members, type_)
    ]


def _titles(grouping: Grouping, type_: ContractType) -> Callable[[Order], str]:
    if grouping is Grouping.PRODUCT:
        return lambda order: order.product.name
    if grouping is Grouping.MONTH:
        return lambda order: f"{localtime(getattr(order, type_.dated_by)):%Y-%m}"
    without = gettext("No cost centre")
    return lambda order: order.cost_center or without


def _split(title: str, orders: Sequence[Order], type_: ContractType) -> list[PlannedDraft]:
    parts = list(in_chunks(orders, MAX_ORDERS))
    titles = [f"{title} ({i}/{len(parts)})" for i in range(1, len(parts) + 1)] if len(parts) > 1 else [title]
    return [PlannedDraft(name, part, type_.refusal_of(part)) for name, part in zip(titles, parts, strict=True)]


def digest_of(drafts: Sequence[PlannedDraft]) -> str:
    """Return a checksum of which orders enter which draft, to notice that this changed since it was shown."""
    return hashlib.sha256(json.dumps([draft.numbers for draft in drafts]).encode()).hexdigest()


def to_items(drafts: Sequence[PlannedDraft]) -> list[BatchItem]:
    return [BatchItem(title=draft.title[:TITLE_MAX_LENGTH], order_numbers=draft.numbers) for draft in drafts]


@in_transaction
def create_draft(item: BatchItem, by: Actor) -> None:
    """Draft the item's contract, once: the item names it in the same transaction. Raises like `apply_for_contract`."""
    locked = BatchItem.objects.select_for_update().get(pk=item.pk)
    if locked.contract_id is not None:
        return
    locked.contract = services.apply_for_contract(order_numbers=locked.order_numbers, by=by, **item.batch.drafts)
    locked.save(update_fields=["contract"])
