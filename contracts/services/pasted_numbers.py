"""Order numbers pasted into the picker: which orders they are, and why others cannot be selected (R1, R6–R10)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import Account
from common.errors import Fault
from common.normal_forms import normalise_code, normalise_identifier
from contracts.eligibility import find_order_faults
from contracts.services.selections import MAX_SELECTED
from contracts.types import ContractType
from orders.models import Order
from orders.numbers import NUMBER_KEY

SEPARATORS = re.compile(r"[\s,;，；、|]+")
"""Order numbers contain none of these (orders/numbers.py)."""
MAX_NUMBER_CHARS = 64


@dataclass(frozen=True, slots=True)
class PastedOrders:
    numbers: Sequence[str]
    """Numbers of the eligible orders, in the order of the text."""
    faults: Sequence[Fault]
    """One for each other number, saying why."""


def read_pasted(text: str, account: Account, type_: ContractType, *, now: datetime) -> PastedOrders:
    """Return the account's orders with the numbers in `text`, ignoring case, width and dashes. Two statements."""
    pieces = dict.fromkeys(piece[: MAX_NUMBER_CHARS + 1] for piece in SEPARATORS.split(normalise_code(text)) if piece)
    if len(pieces) > MAX_SELECTED:
        detail = _("At most %(most)d order numbers at once; these are %(count)d.")
        return PastedOrders([], [Fault("too_many_orders", detail % {"most": MAX_SELECTED, "count": len(pieces)})])
    keys = {piece: normalise_identifier(piece) for piece in pieces}
    numbered = Order.objects.of(account).alias(number_key=NUMBER_KEY).filter(number_key__in=set(keys.values()))
    orders: dict[str, list[Order]] = {}
    for order in numbered.select_related("product").order_by("pk"):
        orders.setdefault(normalise_identifier(order.number), []).append(order)
    found: dict[str, Order] = {}
    faults: dict[str, Fault] = {}
    for piece, key in keys.items():
        same = orders.get(key, [])
        exact = [order for order in same if order.number == piece]
        if len(exact or same) == 1:
            found[piece] = (exact or same)[0]
        else:
            faults[piece] = _describe_unclear(piece, same)
    reasons = find_order_faults(found.values(), type_, now=now)
    faults |= {piece: fault for piece, order in found.items() if (fault := reasons[order.pk])}
    numbers = dict.fromkeys(order.number for piece, order in found.items() if piece not in faults)
    return PastedOrders(list(numbers), [faults[piece] for piece in pieces if piece in faults])


def _describe_unclear(piece: str, orders: Sequence[Order]) -> Fault:
    if not orders:
        detail = _("Order %(number)s was not found in this account.") % {"number": piece[:MAX_NUMBER_CHARS]}
        return Fault("order_not_found", detail)
    numbers = ", ".join(order.number for order in orders)
    return Fault(
        "invalid", _("%(text)s is the number of several orders: %(numbers)s.") % {"text": piece, "numbers": numbers}
    )
