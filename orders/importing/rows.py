"""Parse and validate one order given as text, for CSV files and the API. Uses no database."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.errors import Fault, Refused
from common.money import CURRENCIES, is_exact, minor_units
from orders import facts
from orders.facts import FACTS, Fact, Type
from orders.importing.parsers import (
    choice_parser,
    identifier_parser,
    optional,
    parse_amount,
    parse_code,
    parse_list,
    parse_number,
    parse_pairs,
    parse_percent,
    parse_quantity,
    parse_time,
    quote,
    text_parser,
)
from orders.models import Order

AMOUNTS = tuple(fact.name for fact in FACTS if fact.type is Type.AMOUNT)
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An imported order. `account` is the account number; amounts are in `currency`; times are aware, in UTC."""

    number: str
    account: str
    product_code: str
    product_name: str
    currency: str
    status: str
    paid_at: datetime | None
    facts: Mapping[str, Any]
    """The facts in `orders.facts` by name, without the optional ones that the feed omits."""


def read_row(values: Mapping[str, str]) -> OrderRow:
    """Parse `values`, text by column. Surrounding white space is ignored.

    A missing column counts as empty; if it is optional, the row lacks it instead.
    Raises Refused with a fault for each wrong column (`pointer` is "/column"). Contradictions between columns are
    checked only if each column is valid.
    """
    faults: list[Fault] = []
    parsed: dict[str, Any] = {}
    for column, parse in COLUMNS.items():
        if column in facts.OPTIONAL and column not in values:
            continue
        try:
            parsed[column] = parse(values.get(column, ""))
        except ValueError as error:
            faults.append(Fault("invalid", str(error), f"/{column}"))
    if "currency" in parsed:
        faults += [Fault("invalid", detail, f"/{column}") for column, detail in _find_wrong_decimals(parsed)]
    if not faults:
        faults += [Fault("invalid", detail, f"/{column}") for column, detail in _find_contradictions(parsed)]
    if faults:
        raise Refused.because(faults)
    del parsed["paid_amount"]  # it follows from the status (R33)
    own = {fact.name: parsed.pop(fact.name) for fact in FACTS if fact.name in parsed}
    return OrderRow(**parsed, facts=own)


def _find_contradictions(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (column, reason) for each contradiction between columns."""
    if row["payable_amount"] > row["list_amount"]:
        yield "payable_amount", _("%(payable_amount)s is more than the list amount, %(list_amount)s.") % row
    yield from _find_payment_contradictions(row)
    start, end = row["service_start"], row["service_end"]
    if (start is None) != (end is None):
        yield (
            ("service_end" if start else "service_start"),
            _("Give both the start and the end of the service period, or neither."),
        )
    elif start and end < start:
        yield "service_end", _("The service ends before it starts.")


def _find_wrong_decimals(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (column, reason) for amounts with more decimals than the currency has. ".00" is accepted in any."""
    decimals = minor_units(row["currency"])
    for column in AMOUNTS:
        amount = row.get(column) or Decimal(0)  # wrong, omitted or empty
        if amount.same_quantum(CENT) and decimals == 2:  # the common case
            continue
        written = -int(amount.as_tuple().exponent)
        if written > decimals and (written > 2 or not is_exact(amount, row["currency"])):
            values = {"currency": row["currency"], "text": quote(f"{amount:f}"), "decimals": decimals}
            some, none = _("%(text)s has more than %(decimals)d decimals."), _("%(currency)s has no decimals.")
            yield column, (some if decimals else none) % values


def _find_payment_contradictions(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (column, reason) unless the order is paid in full or not at all (R33).

    For a paid order that was cancelled or refunded, both the full amount and zero are accepted.
    """
    status, paid_at, payable = row["status"], row["paid_at"], row["payable_amount"]
    settled = {payable} if status == Order.Status.PAID else {payable, Decimal(0)} if paid_at else {Decimal(0)}
    if status in (Order.Status.PAID, Order.Status.REFUNDED) and not paid_at:
        yield "paid_at", _("Required for an order that is %(status)s.") % row
    elif status == Order.Status.UNPAID and paid_at:
        yield "paid_at", _("Must be empty for an unpaid order.")
    elif row["paid_amount"] not in settled:
        expected = " / ".join(str(amount) for amount in sorted(settled))
        sentence = _("%(paid_amount)s does not match the status %(status)s: expected %(expected)s.")
        yield "paid_amount", sentence % {**row, "expected": expected}
    if paid_at and paid_at < row["ordered_at"]:
        yield "paid_at", _("The payment time is before the order time.")


def _parser_of(fact: Fact) -> Callable[[str], Any]:
    field = fact.field
    parse: Callable[[str], Any]
    match fact.type:
        case Type.TEXT:
            return text_parser(field.max_length or 0, required=not field.blank)
        case Type.CHOICE:
            parse = choice_parser(dict(field.flatchoices), gettext_lazy("%(text)s is not a known kind (%(known)s)."))
        case Type.COUNT:
            parse = parse_quantity
        case Type.AMOUNT:
            parse = parse_amount
        case Type.TIME:
            parse = parse_time
        case Type.PERCENT:
            parse = parse_percent
        case Type.PAIRS:
            return lambda text: parse_pairs(text or "{}")
        case Type.LIST:
            return lambda text: parse_list(text or "[]")
    return optional(parse) if field.blank else parse


COLUMNS: Mapping[str, Callable[[str], Any]] = {
    "number": parse_number,
    "account": identifier_parser(32),
    "product_code": parse_code,
    "product_name": text_parser(200),
    **{fact.name: _parser_of(fact) for fact in FACTS},
    "currency": choice_parser(CURRENCIES, gettext_lazy("%(text)s is not the ISO 4217 code of a currency in use.")),
    "paid_amount": parse_amount,
    "status": choice_parser(Order.Status.values, gettext_lazy("%(text)s is not a known status (%(known)s).")),
    "paid_at": optional(parse_time),
}
"""Column name → parser. Parsers raise ValueError with the reason."""
