"""Parse and validate one order given as text, for CSV files and the API. Uses no database."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.csv_files import describe_spreadsheet_damage
from common.errors import Fault, Refused
from common.money import CURRENCIES, is_exact, minor_units
from common.normal_forms import normalise_code, normalise_line
from orders.models import Order
from orders.numbers import describe_number_fault

DIGITS = re.compile(r"[0-9]+")
AMOUNT = re.compile(r"(-?)[0-9]+(?:\.[0-9]+)?")
AMOUNT_LIMIT = Decimal(10) ** 13
"""Amounts must be below this limit, so that the total of a contract's 200 orders fits its column."""
AMOUNTS = ("list_amount", "payable_amount")
CENT = Decimal("0.01")
QUANTITY_LIMIT = 2**31
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Control characters, line breaks, and surrogates, which stand for bytes that were not UTF-8."""
YEARS = range(1970, 2200)


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An imported order. `account` is the account number; amounts are in `currency`; times are aware, in UTC."""

    number: str
    account: str
    product_code: str
    product_name: str
    kind: str
    configuration: str
    region: str
    quantity: int
    currency: str
    list_amount: Decimal
    payable_amount: Decimal
    status: str
    ordered_at: datetime
    paid_at: datetime | None
    service_start: datetime | None
    service_end: datetime | None


def read_row(values: Mapping[str, str]) -> OrderRow:
    """Parse `values`, text by column. A missing column counts as empty; surrounding white space is ignored.

    Raises Refused with a fault for each wrong column (`pointer` is "/column"). Contradictions between columns are
    checked only if each column is valid.
    """
    faults: list[Fault] = []
    parsed: dict[str, Any] = {}
    for column, parse in COLUMNS.items():
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
    return OrderRow(**parsed)


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
        amount = row.get(column, Decimal(0))
        if amount.same_quantum(CENT) and decimals == 2:  # the common case
            continue
        written = -int(amount.as_tuple().exponent)
        if written > decimals and (written > 2 or not is_exact(amount, row["currency"])):
            facts = {"currency": row["currency"], "text": _quote(f"{amount:f}"), "decimals": decimals}
            some, none = _("%(text)s has more than %(decimals)d decimals."), _("%(currency)s has no decimals.")
            yield column, (some if decimals else none) % facts


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


def _quote(text: str) -> str:
    """Quote `text` for an error message: shortened, and with terminal control characters escaped."""
    return repr(text if len(text) <= 40 else text[:40] + "…")


def _identifier_parser(max_length: int) -> Callable[[str], str]:
    parse_text = _text_parser(max_length, normalise_code)

    def parse(text: str) -> str:
        text = parse_text(text)
        if damage := describe_spreadsheet_damage(text):
            raise ValueError(damage)
        return text

    return parse


def _text_parser(
    max_length: int, normalise: Callable[[str], str] = normalise_line, *, required: bool = True
) -> Callable[[str], str]:
    """Return a parser for normalised text. It refuses control characters and line breaks instead of removing them."""

    def parse(text: str) -> str:
        if match := UNPRINTABLE.search(text):
            if "\ud800" <= match[0] <= "\udfff":
                raise ValueError(_("Not UTF-8 text."))
            sentence = _("Contains a control character or line break (U+%(code)s).")
            raise ValueError(sentence % {"code": f"{ord(match[0]):04X}"})
        text = normalise(text)
        if required and not text:
            raise ValueError(_("Required."))
        if len(text) > max_length:
            sentence = _("At most %(limit)d characters; %(count)d were given.")
            raise ValueError(sentence % {"limit": max_length, "count": len(text)})
        return text

    return parse


def _parse_number(text: str) -> str:
    text = _parse_code(text)
    if sentence := describe_number_fault(text):
        raise ValueError(sentence % {"text": _quote(text)})
    return text


def _choice_parser(choices: Collection[str], error: Promise | str) -> Callable[[str], str]:
    """Return a parser that accepts one of `choices`; `error` is the message for any other text."""

    def parse(text: str) -> str:
        text = text.strip()
        if text in choices:
            return text
        raise ValueError(error % {"text": _quote(text), "known": ", ".join(choices)} if text else _("Required."))

    return parse


def _parse_quantity(text: str) -> int:
    text = text.strip()
    if not text:
        raise ValueError(_("Required."))
    if not DIGITS.fullmatch(text) or len(text) > 10 or not 0 < int(text) < QUANTITY_LIMIT:
        sentence = _("%(text)s is not a whole number from 1 to %(most)s.")
        raise ValueError(sentence % {"text": _quote(text), "most": QUANTITY_LIMIT - 1})
    return int(text)


def _parse_amount(text: str) -> Decimal:
    text = text.strip()
    if not text:
        raise ValueError(_("Required."))
    match = AMOUNT.fullmatch(text)
    if not match:
        raise ValueError(_("%(text)s is not an amount such as 1234.50.") % {"text": _quote(text)})
    amount = Decimal(text)
    if match[1] and amount:
        raise ValueError(_("%(text)s is negative.") % {"text": _quote(text)})
    if amount >= AMOUNT_LIMIT:
        sentence = _("%(text)s is too large. Amounts must be less than %(limit)s.")
        raise ValueError(sentence % {"text": _quote(text), "limit": f"{AMOUNT_LIMIT:,}"})
    return amount.copy_abs()


def _parse_time(text: str) -> datetime:
    text = text.strip()
    if not text:
        raise ValueError(_("Required."))
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        sentence = _("%(text)s is not a date and time such as 2026-11-22T12:00:00+08:00.")
        raise ValueError(sentence % {"text": _quote(text)}) from None
    if at.tzinfo is None:
        raise ValueError(_("%(text)s has no UTC offset such as +08:00.") % {"text": _quote(text)})
    if at.year not in YEARS:
        sentence = _("The year %(year)s is not between %(first)s and %(last)s.")
        raise ValueError(sentence % {"year": at.year, "first": YEARS.start, "last": YEARS.stop - 1})
    return at.astimezone(UTC)


def _parse_optional_time(text: str) -> datetime | None:
    return _parse_time(text) if text.strip() else None


_parse_code = _identifier_parser(64)

COLUMNS: Mapping[str, Callable[[str], Any]] = {
    "number": _parse_number,
    "account": _identifier_parser(32),
    "product_code": _parse_code,
    "product_name": _text_parser(200),
    "kind": _choice_parser(Order.Kind.values, gettext_lazy("%(text)s is not a known kind (%(known)s).")),
    "configuration": _text_parser(1000, required=False),
    "region": _text_parser(100, required=False),
    "quantity": _parse_quantity,
    "currency": _choice_parser(CURRENCIES, gettext_lazy("%(text)s is not the ISO 4217 code of a currency in use.")),
    "list_amount": _parse_amount,
    "payable_amount": _parse_amount,
    "paid_amount": _parse_amount,
    "status": _choice_parser(Order.Status.values, gettext_lazy("%(text)s is not a known status (%(known)s).")),
    "ordered_at": _parse_time,
    "paid_at": _parse_optional_time,
    "service_start": _parse_optional_time,
    "service_end": _parse_optional_time,
}
"""Column name → parser, in the order of the data files. Parsers raise ValueError with the reason."""
