"""Selections: orders picked so far, stored on the server across pages, searches and sign-ins (R14)."""

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
from contracts.eligibility import MAX_ORDERS, find_order_faults, picker_rows
from contracts.models import Contract, Selection
from contracts.services import apply_for_contract
from orders.models import Order

SELECTION_TTL = timedelta(days=30)
"""Lifetime of an unused selection."""
MAX_SELECTED = 2_000
"""Maximum orders of a selection, from which several contracts can be drafted."""
MAX_TYPED_CHARS = 1_000
"""Maximum length of stored form input, longer than any field of the confirm page."""


def new_selection(membership: Membership, type_: str, numbers: Sequence[str] = ()) -> Selection:
    """Return a new selection. It is saved once something is picked."""
    return Selection(account=membership.account, user_id=membership.user_id, type=type_, order_numbers=[*numbers])


def get_selection(membership: Membership, type_: str, id_: str) -> Selection:
    """Return the visitor's own selection for this account and contract type. Raises Http404 for any other (R26)."""
    selections = Selection.objects.select_related("copied_from")
    own = {"account": membership.account, "user": membership.user_id, "type": type_}
    selection = get_object_or_404(selections, pk=_parse_id(id_), **own)
    selection.account = membership.account
    return selection


def get_or_new_selection(membership: Membership, type_: str, id_: str) -> Selection:
    """Return the selection, or a new one with the id that the picker assigned before anything was picked."""
    if Selection.objects.filter(pk=_parse_id(id_)).exists():
        return get_selection(membership, type_, id_)
    selection = new_selection(membership, type_)
    selection.pk = _parse_id(id_)
    return selection


def _parse_id(id_: str) -> uuid.UUID:
    try:
        return uuid.UUID(id_)
    except ValueError as error:
        raise Http404 from error


@in_transaction
def save_picks(selection: Selection, *, shown: Collection[str], checked: Sequence[str]) -> list[str]:
    """Save what was picked on one page: of the orders `shown`, those `checked`; other picks stay, up to MAX_SELECTED.

    Return the numbers that are not the account's; they are left out. The selection is for a new contract from now on,
    whatever was drafted from it before.
    """
    checked = [normalise_code(number) for number in checked]
    own = set(Order.objects.of(selection.account).filter(number__in=checked).values_list("number", flat=True))
    # Concurrent requests (checking a box and Next) must not overwrite each other's picks.
    stored, _is_new = Selection.objects.select_for_update().get_or_create(
        pk=selection.pk,
        account=selection.account,
        user_id=selection.user_id,
        type=selection.type,
        defaults={"order_numbers": selection.order_numbers},
    )
    others = [number for number in stored.order_numbers if number not in shown]
    picks = list(dict.fromkeys(others + [number for number in checked if number in own]))
    stored.order_numbers = picks[:MAX_SELECTED]
    stored.contract = stored.batch = None
    stored.save(update_fields=["order_numbers", "contract", "batch", "updated_at"])
    selection.order_numbers, selection.contract, selection.batch = stored.order_numbers, None, None
    return [number for number in dict.fromkeys(checked) if number not in own]


def save_typed(selection: Selection, typed: Mapping[str, str]) -> None:
    """Save the confirm page's input as typed, until the contract is drafted."""
    selection.typed = {name: text[:MAX_TYPED_CHARS] for name, text in typed.items()}
    selection.save(update_fields=["typed", "updated_at"])


def find_contract(selection: Selection, *, now: datetime) -> Contract | None:
    """Return the live contract drafted from the selection, or None."""
    return Contract.objects.live(now).filter(pk=selection.contract_id or 0).first()


@in_transaction
def draft_contract(
    selection: Selection, *, by: Actor, party_a: dict[str, str], language: str, remarks: str, po_number: str = ""
) -> Contract:
    """Apply for the contract of the selected orders, once: a double click gets the same contract.

    Raises Refused like `apply_for_contract`.
    """
    selection = Selection.objects.select_for_update().get(pk=selection.pk)
    if contract := find_contract(selection, now=timezone.now()):
        return contract
    contract = apply_for_contract(
        type=selection.type,
        order_numbers=selection.order_numbers,
        party_a=party_a,
        language=language,
        remarks=remarks,
        po_number=po_number,
        by=by,
    )
    selection.contract, selection.typed = contract, {}
    selection.save(update_fields=["contract", "typed", "updated_at"])
    Membership.objects.filter(user=by.person, account=by.own_account).update(last_document_language=language)
    return contract


def find_eligible(selection: Selection, numbers: Collection[str]) -> list[str]:
    """Return the order numbers of `numbers` that are eligible now (R6, R7, R10)."""
    now = timezone.now()
    rows = list(picker_rows(selection.account, selection.contract_type, now=now).filter(number__in=numbers))
    faults = find_order_faults(rows, selection.contract_type, now=now)
    return [order.number for order in rows if faults[order.pk] is None]


@dataclass(frozen=True, slots=True)
class PickedOrders:
    """The selected orders in their current state, which may change while the visitor chooses."""

    rows: list[Order]
    """Selected orders in the picker, eligible or not."""
    orders: list[Order]
    """Those that are still eligible."""
    faults: list[Fault]
    """Faults of those that are not."""
    missing: list[str]
    """Numbers that are no longer in the picker: paid, cancelled or refunded in the meantime."""

    @property
    def numbers(self) -> set[str]:
        return {order.number for order in self.orders}

    @property
    def totals(self) -> list[tuple[str, Decimal]]:
        """Total payable amount of each currency."""
        return sum_by_currency(self.orders, "payable_amount")

    @property
    def too_many(self) -> int:
        """Number of orders above the limit of a contract (R1)."""
        return max(0, len(self.orders) - MAX_ORDERS)

    @property
    def other_currencies(self) -> list[tuple[str, list[str]]]:
        """Currencies other than the most frequent one, with their order numbers: a contract has one currency (R1)."""
        numbers: dict[str, list[str]] = {}
        for order in self.orders:
            numbers.setdefault(order.currency, []).append(order.number)
        return sorted(numbers.items(), key=lambda pair: -len(pair[1]))[1:]


def sum_by_currency(orders: Sequence[Order], field: str) -> list[tuple[str, Decimal]]:
    """Return the sum of an amount for each currency."""
    sums: dict[str, Decimal] = {}
    for order in orders:
        sums[order.currency] = sums.get(order.currency, Decimal(0)) + getattr(order, field)
    return sorted(sums.items())


def find_picked_rows(selection: Selection, *, now: datetime, sort: str = "") -> list[Order]:
    """Return the selected orders that the picker lists, sorted like its other rows."""
    rows = picker_rows(selection.account, selection.contract_type, now=now, sort=sort)
    return list(rows.filter(number__in=selection.order_numbers))


def to_picked(selection: Selection, rows: list[Order], faults: Mapping[int, Fault | None]) -> PickedOrders:
    """Return the selected orders, of which `rows` are in the picker. `faults`: see `find_order_faults`."""
    present = {order.number for order in rows}
    return PickedOrders(
        rows=rows,
        orders=[order for order in rows if faults[order.pk] is None],
        faults=[fault for order in rows if (fault := faults[order.pk])],
        missing=[number for number in selection.order_numbers if number not in present],
    )


def get_picked(selection: Selection, *, now: datetime, sort: str = "") -> PickedOrders:
    """Return the selected orders as they are at `now`."""
    rows = find_picked_rows(selection, now=now, sort=sort)
    return to_picked(selection, rows, find_order_faults(rows, selection.contract_type, now=now))
