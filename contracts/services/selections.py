"""The orders picked so far, kept on the server through pages, searches and sign-ins (R14)."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.access.actors import Actor
from accounts.models import Membership
from common.errors import Fault
from common.normal_forms import normalise_code
from common.transactions import in_transaction
from contracts.eligibility import MAX_ORDERS, faults_of, picker_rows
from contracts.models import Contract, Selection
from contracts.services import apply_for_contract
from orders.models import Order

SELECTION_TTL = timedelta(days=30)
"""How long a selection that nobody touches is kept."""
MAX_TYPED_CHARS = 1_000
"""Longer than any field of the confirm page."""


def new(membership: Membership, type_: str, numbers: Sequence[str] = ()) -> Selection:
    """A selection that is not saved before something is picked."""
    return Selection(account=membership.account, user_id=membership.user_id, type=type_, order_numbers=[*numbers])


def found(membership: Membership, type_: str, id_: str) -> Selection:
    """The visitor's own selection for this account and contract type. Raises Http404 for any other (R26)."""
    selections = Selection.objects.select_related("copied_from")
    own = {"account": membership.account, "user": membership.user_id, "type": type_}
    selection = get_object_or_404(selections, pk=_key(id_), **own)
    selection.account = membership.account
    return selection


def begun(membership: Membership, type_: str, id_: str) -> Selection:
    """As `found`; or a new one by the id that the picker named before anything was picked."""
    if Selection.objects.filter(pk=_key(id_)).exists():
        return found(membership, type_, id_)
    selection = new(membership, type_)
    selection.pk = _key(id_)
    return selection


def _key(id_: str) -> uuid.UUID:
    try:
        return uuid.UUID(id_)
    except ValueError as error:
        raise Http404 from error


@in_transaction
def keep(selection: Selection, *, shown: Collection[str], checked: Sequence[str]) -> list[str]:
    """Save what was picked on one page: of the orders `shown` there those `checked`, of all others what was picked.

    Numbers that are no orders of the account are left out, and returned. From now on it is a selection for a new
    contract, whatever was drafted from it before.
    """
    checked = [normalise_code(number) for number in checked]
    own = set(Order.objects.of(selection.account).filter(number__in=checked).values_list("number", flat=True))
    # Two requests may come at once, checking a box and Next: each adds to what the other kept.
    kept, _is_new = Selection.objects.select_for_update().get_or_create(
        pk=selection.pk,
        account=selection.account,
        user_id=selection.user_id,
        type=selection.type,
        defaults={"order_numbers": selection.order_numbers},
    )
    others = [number for number in kept.order_numbers if number not in shown]
    kept.order_numbers = list(dict.fromkeys(others + [number for number in checked if number in own]))
    kept.contract = None
    kept.save(update_fields=["order_numbers", "contract", "updated_at"])
    selection.order_numbers, selection.contract = kept.order_numbers, None
    return [number for number in dict.fromkeys(checked) if number not in own]


def keep_typed(selection: Selection, typed: Mapping[str, str]) -> None:
    """Save what was typed on the confirm page, as it was typed, until it is drafted."""
    selection.typed = {name: text[:MAX_TYPED_CHARS] for name, text in typed.items()}
    selection.save(update_fields=["typed", "updated_at"])


def drafted(selection: Selection, *, now: datetime) -> Contract | None:
    """The contract that was drafted from the selection, as long as it is live."""
    contracts = Contract.objects.with_status_at(now).filter(pk=selection.contract_id or 0)
    return contracts.filter(status_at__in=Contract.LIVE).first()  # type: ignore[misc]  # annotated


@in_transaction
def draft(selection: Selection, *, by: Actor, party_a: dict[str, str], language: str, remarks: str) -> Contract:
    """Apply for the contract over the selected orders, once: asked again, as by a double click, it gives the same.

    Raises Refused as `apply_for_contract` does.
    """
    selection = Selection.objects.select_for_update().get(pk=selection.pk)
    if contract := drafted(selection, now=timezone.now()):
        return contract
    contract = apply_for_contract(
        type=selection.type,
        order_numbers=selection.order_numbers,
        party_a=party_a,
        language=language,
        remarks=remarks,
        by=by,
    )
    selection.contract, selection.typed = contract, {}
    selection.save(update_fields=["contract", "typed", "updated_at"])
    Membership.objects.filter(user=by.person, account=by.own_account).update(last_document_language=language)
    return contract


def eligible(selection: Selection, numbers: Collection[str]) -> list[str]:
    """Those of `numbers` that may enter the contract now (R6, R7, R10)."""
    now = timezone.now()
    rows = list(picker_rows(selection.account, selection.contract_type, now=now).filter(number__in=numbers))
    faults = faults_of(rows, selection.contract_type, now=now)
    return [order.number for order in rows if faults[order.pk] is None]


@dataclass(frozen=True, slots=True)
class Picked:
    """A selection as it stands now: orders change while people choose."""

    rows: list[Order]
    """Those that the picker shows, barred or not, newest first."""
    orders: list[Order]
    """Those of them that may still enter the contract."""
    faults: list[Fault]
    """Those that are barred by now, and why."""
    missing: list[str]
    """Numbers that have left the picker: paid, cancelled or refunded meanwhile."""

    @property
    def numbers(self) -> set[str]:
        return {order.number for order in self.orders}

    @property
    def totals(self) -> list[tuple[str, Decimal]]:
        """The sum of payable amounts, a pair for each currency."""
        return totals_of(self.orders, "payable_amount")

    @property
    def too_many(self) -> int:
        """How many must go before the rest fits in a contract (R1)."""
        return max(0, len(self.orders) - MAX_ORDERS)

    @property
    def other_currencies(self) -> list[tuple[str, list[str]]]:
        """Besides the currency of most orders, each other one with its order numbers: a contract has one (R1)."""
        numbers: dict[str, list[str]] = {}
        for order in self.orders:
            numbers.setdefault(order.currency, []).append(order.number)
        return sorted(numbers.items(), key=lambda pair: -len(pair[1]))[1:]


def totals_of(orders: Sequence[Order], field: str) -> list[tuple[str, Decimal]]:
    """The sum of an amount, a pair for each currency."""
    sums: dict[str, Decimal] = {}
    for order in orders:
        sums[order.currency] = sums.get(order.currency, Decimal(0)) + getattr(order, field)
    return sorted(sums.items())


def picked(selection: Selection, *, now: datetime) -> Picked:
    """What the selection holds at `now`, newest first."""
    numbers = selection.order_numbers
    rows = list(picker_rows(selection.account, selection.contract_type, now=now).filter(number__in=numbers))
    faults = faults_of(rows, selection.contract_type, now=now)
    known = {order.number for order in rows}
    return Picked(
        rows=rows,
        orders=[order for order in rows if faults[order.pk] is None],
        faults=[fault for order in rows if (fault := faults[order.pk])],
        missing=[number for number in numbers if number not in known],
    )
