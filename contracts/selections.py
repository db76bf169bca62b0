"""The orders picked so far, kept on the server through pages, searches and sign-ins (R14)."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.http import Http404
from django.shortcuts import get_object_or_404

from billing.errors import Fault
from billing.models import Membership
from contracts.eligibility import faults_of, picker_rows
from contracts.models import Selection
from orders.models import Order


def new(membership: Membership, type_: str, numbers: Sequence[str] = ()) -> Selection:
    """A selection that is not saved before something is picked."""
    return Selection(account=membership.account, user_id=membership.user_id, type=type_, order_numbers=[*numbers])


def found(membership: Membership, type_: str, id_: str) -> Selection:
    """The visitor's own selection for this account and contract type. Raises Http404 for any other (R26)."""
    try:
        key = uuid.UUID(id_)
    except ValueError as error:
        raise Http404 from error
    return get_object_or_404(Selection, pk=key, account=membership.account, user=membership.user_id, type=type_)


def keep(selection: Selection, *, shown: Collection[str], checked: Sequence[str]) -> None:
    """Save what was picked on one page: of the orders `shown` there those `checked`, of all others what was picked.

    Numbers that are no orders of the account are left out.
    """
    own = set(Order.objects.of(selection.account).filter(number__in=checked).values_list("number", flat=True))
    others = [number for number in selection.order_numbers if number not in shown]
    selection.order_numbers = list(dict.fromkeys(others + [number for number in checked if number in own]))
    selection.save()


@dataclass(frozen=True, slots=True)
class Picked:
    """A selection as it stands now: orders change while people choose."""

    orders: list[Order]
    """Those that may still enter the contract."""
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
        sums: dict[str, Decimal] = {}
        for order in self.orders:
            sums[order.currency] = sums.get(order.currency, Decimal(0)) + order.payable_amount
        return sorted(sums.items())


def picked(selection: Selection, *, now: datetime) -> Picked:
    """What the selection holds at `now`, newest first."""
    numbers = selection.order_numbers
    rows = list(picker_rows(selection.account, selection.type, now=now).filter(number__in=numbers))
    faults = faults_of(rows, selection.type, now=now)
    known = {order.number for order in rows}
    return Picked(
        orders=[order for order in rows if faults[order.pk] is None],
        faults=[fault for order in rows if (fault := faults[order.pk])],
        missing=[number for number in numbers if number not in known],
    )
