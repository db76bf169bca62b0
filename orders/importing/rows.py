"""One order as text, checked: what the CSV file and the API have in common. No database here."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.csv_files import mangled_by_spreadsheet
from common.errors import Fault, Refused
from common.money import CURRENCIES, is_exact, minor_units
from common.normal_forms import normalise_code, normalise_line
from orders.models import Order
from orders.numbers import wrong_number

DIGITS = re.compile(r"[0-9]+")
AMOUNT = re.compile(r"(-?)[0-9]+(?:\.[0-9]+)?")
AMOUNT_LIMIT = Decimal(10) ** 13
"""Amounts from here on are too large: the sum of the 200 orders of a contract must fit its column, too."""
AMOUNTS = ("list_amount", "payable_amount")
CENT = Decimal("0.01")
QUANTITY_LIMIT = 2**31
NOT_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Control characters, line breaks, and the surrogates that stand for bytes which were no UTF-8."""
YEARS = range(1970, 2200)


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order as told from outside. `account` is its number; amounts in `currency`; times aware, in UTC."""

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
    """The order that `values`, text by column, tells of; a column left out is empty. White space around is dropped.

    Raises Refused with one fault a column (`pointer` is "/column"). Contradictions between columns are looked for
    where each is right by itself.
    """
    faults: list[Fault] = []
    read: dict[str, Any] = {}
    for column, convert in COLUMNS.items():
        try:
            read[column] = convert(values.get(column, ""))
        except ValueError as error:
            faults.append(Fault("invalid", str(error), f"/{column}"))
    if "currency" in read:
        faults += [Fault("invalid", detail, f"/{column}") for column, detail in _wrong_decimals(read)]
    if not faults:
        faults += [Fault("invalid", detail, f"/{column}") for column, detail in _contradictions(read)]
    if faults:
        raise Refused.because(faults)
    del read["paid_amount"]  # R33: it follows from the status
    return OrderRow(**read)


def _contradictions(read: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(column, reason) of what does not go together."""
    if read["payable_amount"] > read["list_amount"]:
        yield "payable_amount", _("%(payable_amount)s is more than the list amount, %(list_amount)s.") % read
    yield from _contradictions_of_payment(read)
    start, end = read["service_start"], read["service_end"]
    if (start is None) != (end is None):
        yield ("service_end" if start else "service_start"), _("A service period has a start and an end, or neither.")
    elif start and end < start:
        yield "service_end", _("The service ends before it starts.")


def _wrong_decimals(read: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Amounts with more decimals than the currency has; two zeros are taken in any."""
    decimals = minor_units(read["currency"])
    for column in AMOUNTS:
        amount = read.get(column, Decimal(0))
        if amount.same_quantum(CENT) and decimals == 2:  # nearly all
            continue
        written = -int(amount.as_tuple().exponent)
        if written > decimals and (written > 2 or not is_exact(amount, read["currency"])):
            facts = {"currency": read["currency"], "text": _shown(f"{amount:f}"), "decimals": decimals}
            some, none = _("%(text)s has more than %(decimals)d decimals."), _("%(currency)s has no decimals.")
            yield column, (some if decimals else none) % facts


def _contradictions_of_payment(read: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Paid in full or not at all (R33). What was cancelled or refunded may be told as paid in full or as given back."""
    status, paid_at, payable = read["status"], read["paid_at"], read["payable_amount"]
    settled = {payable} if status == Order.Status.PAID else {payable, Decimal(0)} if paid_at else {Decimal(0)}
    if status in (Order.Status.PAID, Order.Status.REFUNDED) and not paid_at:
        yield "paid_at", _("Required for an order that is %(status)s.") % read
    elif status == Order.Status.UNPAID and paid_at:
        yield "paid_at", _("Must be empty for an unpaid order.")
    elif read["paid_amount"] not in settled:
        expected = " / ".join(str(amount) for amount in sorted(settled))
        sentence = _("%(paid_amount)s does not agree with the status, %(status)s: expected %(expected)s.")
        yield "paid_amount", sentence % {**read, "expected": expected}
    if paid_at and paid_at < read["ordered_at"]:
        yield "paid_at", _("Paid before it was ordered.")


def _shown(text: str) -> str:
    """`text` as an error names it: short, and with nothing in it that a terminal would obey."""
    return repr(text if len(text) <= 40 else text[:40] + "…")


def _identifier(longest: int) -> Callable[[str], str]:
    read_text = _text(longest, normalise_code)

    def read(text: str) -> str:
        text = read_text(text)
        if mangled := mangled_by_spreadsheet(text):
            raise ValueError(mangled)
        return text

    return read


def _text(
    longest: int, normalise: Callable[[str], str] = normalise_line, *, required: bool = True
) -> Callable[[str], str]:
    """Read text in its normal form. Control characters and line breaks are refused, not removed."""

    def read(text: str) -> str:
        if found := NOT_TEXT.search(text):
            if "\ud800" <= found[0] <= "\udfff":
                raise ValueError(_("Not UTF-8 text."))
            sentence = _("Holds a control character or line break (U+%(code)s).")
            raise ValueError(sentence % {"code": f"{ord(found[0]):04X}"})
        text = normalise(text)
        if required and not text:
            raise ValueError(_("Required."))
        if len(text) > longest:
            sentence = _("At most %(limit)d characters; %(count)d were given.")
            raise ValueError(sentence % {"limit": longest, "count": len(text)})
        return text

    return read


def _number(text: str) -> str:
    text = _CODE(text)
    if sentence := wrong_number(text):
        raise ValueError(sentence % {"text": _shown(text)})
    return text


def _one_of(known: Collection[str], otherwise: Promise | str) -> Callable[[str], str]:
    """Reads one of `known`; `otherwise` is the sentence about a text that is none of them."""

    def read(text: str) -> str:
        text = text.strip()
        if text in known:
            return text
        raise ValueError(otherwise % {"text": _shown(text), "known": ", ".join(known)} if text else _("Required."))

    return read


def _quantity(text: str) -> int:
    text = text.strip()
    if not text:
        raise ValueError(_("Required."))
    if not DIGITS.fullmatch(text) or len(text) > 10 or not 0 < int(text) < QUANTITY_LIMIT:
        sentence = _("%(text)s is not a whole number from 1 to %(most)s.")
        raise ValueError(sentence % {"text": _shown(text), "most": QUANTITY_LIMIT - 1})
    return int(text)


def _amount(text: str) -> Decimal:
    text = text.strip()
    if not text:
        raise ValueError(_("Required."))
    found = AMOUNT.fullmatch(text)
    if not found:
        raise ValueError(_("%(text)s is not an amount such as 1234.50.") % {"text": _shown(text)})
    amount = Decimal(text)
    if found[1] and amount:
        raise ValueError(_("%(text)s is negative.") % {"text": _shown(text)})
    if amount >= AMOUNT_LIMIT:
        sentence = _("%(text)s is too large: amounts are less than %(limit)s.")
        raise ValueError(sentence % {"text": _shown(text), "limit": f"{AMOUNT_LIMIT:,}"})
    return amount.copy_abs()


def _moment(text: str) -> datetime:
    text = text.strip()
    if not text:
        raise ValueError(_("Required."))
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        sentence = _("%(text)s is no date and time such as 2026-11-22T12:00:00+08:00.")
        raise ValueError(sentence % {"text": _shown(text)}) from None
    if at.tzinfo is None:
        raise ValueError(_("%(text)s has no offset from UTC, such as +08:00.") % {"text": _shown(text)})
    if at.year not in YEARS:
        sentence = _("The year %(year)s is not from %(first)s to %(last)s.")
        raise ValueError(sentence % {"year": at.year, "first": YEARS.start, "last": YEARS.stop - 1})
    return at.astimezone(UTC)


def _moment_or_none(text: str) -> datetime | None:
    return _moment(text) if text.strip() else None


_CODE = _identifier(64)

COLUMNS: Mapping[str, Callable[[str], Any]] = {
    "number": _number,
    "account": _identifier(32),
    "product_code": _CODE,
    "product_name": _text(200),
    "kind": _one_of(Order.Kind.values, gettext_lazy("%(text)s is no known kind: %(known)s.")),
    "configuration": _text(1000, required=False),
    "region": _text(100, required=False),
    "quantity": _quantity,
    "currency": _one_of(CURRENCIES, gettext_lazy("%(text)s is not the ISO 4217 code of a currency in use.")),
    "list_amount": _amount,
    "payable_amount": _amount,
    "paid_amount": _amount,
    "status": _one_of(Order.Status.values, gettext_lazy("%(text)s is no known status: %(known)s.")),
    "ordered_at": _moment,
    "paid_at": _moment_or_none,
    "service_start": _moment_or_none,
    "service_end": _moment_or_none,
}
"""Each column, in the order of data files, with what makes its text a value (ValueError gives the reason)."""
