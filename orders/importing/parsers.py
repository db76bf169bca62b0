"""Parse one value of an imported order, given as text. Parsers raise ValueError with the reason."""

import json
import re
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from common.csv_files import describe_spreadsheet_damage
from common.normal_forms import normalise_code, normalise_line
from orders.numbers import describe_number_fault

DIGITS = re.compile(r"[0-9]+")
DECIMAL = re.compile(r"(-?)[0-9]+(?:\.[0-9]+)?")
AMOUNT_LIMIT = Decimal(10) ** 13
"""Amounts must be below this limit, so that the total of a contract's 200 orders fits its column."""
QUANTITY_LIMIT = 2**31
MAX_DECIMAL_CHARS = 40
PERCENT_DECIMALS = 4
MAX_ITEMS = 20
"""Maximum pairs or texts in one value."""
MAX_KEY_CHARS, MAX_VALUE_CHARS, MAX_ITEM_CHARS = 40, 500, 64
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Control characters, line breaks, and surrogates, which stand for bytes that were not UTF-8."""
YEARS = range(1970, 2200)


def quote(text: str) -> str:
    """Quote `text` for an error message: shortened, and with terminal control characters escaped."""
    return repr(text if len(text) <= 40 else text[:40] + "…")


def identifier_parser(max_length: int) -> Callable[[str], str]:
    parse_text = text_parser(max_length, normalise_code)

    def parse(text: str) -> str:
        text = parse_text(text)
        if damage := describe_spreadsheet_damage(text):
            raise ValueError(damage)
        return text

    return parse


def text_parser(
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


def parse_number(text: str) -> str:
    text = parse_code(text)
    if sentence := describe_number_fault(text):
        raise ValueError(sentence % {"text": quote(text)})
    return text


def choice_parser(choices: Collection[str], error: Promise | str) -> Callable[[str], str]:
    """Return a parser that accepts one of `choices`; `error` is the message for any other text."""

    def parse(text: str) -> str:
        text = text.strip()
        if text in choices:
            return text
        raise ValueError(error % {"text": quote(text), "known": ", ".join(choices)} if text else _("Required."))

    return parse


def parse_quantity(text: str) -> int:
    text = text.strip()
    if not text:
        raise ValueError(_("Required."))
    if not DIGITS.fullmatch(text) or len(text) > 10 or not 0 < int(text) < QUANTITY_LIMIT:
        sentence = _("%(text)s is not a whole number from 1 to %(most)s.")
        raise ValueError(sentence % {"text": quote(text), "most": QUANTITY_LIMIT - 1})
    return int(text)


def parse_amount(text: str) -> Decimal:
    text = text.strip()
    if not text:
        raise ValueError(_("Required."))
    match = DECIMAL.fullmatch(text) if len(text) <= MAX_DECIMAL_CHARS else None
    if not match:
        raise ValueError(_("%(text)s is not an amount such as 1234.50.") % {"text": quote(text)})
    amount = Decimal(text)
    if match[1] and amount:
        raise ValueError(_("%(text)s is negative.") % {"text": quote(text)})
    if amount >= AMOUNT_LIMIT:
        sentence = _("%(text)s is too large. Amounts must be less than %(limit)s.")
        raise ValueError(sentence % {"text": quote(text), "limit": f"{AMOUNT_LIMIT:,}"})
    return amount.copy_abs()


def parse_percent(text: str) -> Decimal:
    text = text.strip()
    match = DECIMAL.fullmatch(text) if len(text) <= MAX_DECIMAL_CHARS else None
    rate = Decimal(text) if match else None
    if rate is None or not 0 <= rate <= 100 or rate != round(rate, PERCENT_DECIMALS):
        sentence = _(
            "%(text)s is not a percentage from 0 to 100 with at most %(decimals)d decimals, such as 13 or 8.875."
        )
        raise ValueError(sentence % {"text": quote(text), "decimals": PERCENT_DECIMALS})
    return rate.copy_abs()


def parse_pairs(text: str) -> dict[str, str]:
    """Return a JSON object of texts. Keys have 1 to MAX_KEY_CHARS characters, values up to MAX_VALUE_CHARS."""
    pairs = _read_json(text, lambda pairs: pairs)
    if not isinstance(pairs, list) or not all(isinstance(pair, tuple) and isinstance(pair[1], str) for pair in pairs):
        raise ValueError(_("It must be an object whose values are texts."))
    _require_few(pairs)
    key_of, value_of = text_parser(MAX_KEY_CHARS), text_parser(MAX_VALUE_CHARS, required=False)
    parsed = {key_of(key): value_of(value) for key, value in pairs}
    if len(parsed) < len(pairs):
        raise ValueError(_("A key appears twice."))
    return parsed


def parse_list(text: str) -> list[str]:
    """Return a JSON list of texts with 1 to MAX_ITEM_CHARS characters, each once."""
    items = _read_json(text, dict)
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise ValueError(_("It must be a list of texts."))
    _require_few(items)
    return list(dict.fromkeys(map(text_parser(MAX_ITEM_CHARS), items)))


def _read_json(text: str, read_object: Callable[[list[tuple[str, Any]]], Any]) -> Any:
    try:
        return json.loads(text, object_pairs_hook=read_object)
    except (ValueError, RecursionError):
        raise ValueError(_("%(text)s is not JSON.") % {"text": quote(text)}) from None


def _require_few(items: Collection[Any]) -> None:
    if len(items) > MAX_ITEMS:
        raise ValueError(
            _("At most %(limit)d entries; %(count)d were given.") % {"limit": MAX_ITEMS, "count": len(items)}
        )


def parse_time(text: str) -> datetime:
    text = text.strip()
    if not text:
        raise ValueError(_("Required."))
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        sentence = _("%(text)s is not a date and time such as 2026-11-22T12:00:00+08:00.")
        raise ValueError(sentence % {"text": quote(text)}) from None
    if at.tzinfo is None:
        raise ValueError(_("%(text)s has no UTC offset such as +08:00.") % {"text": quote(text)})
    if at.year not in YEARS:
        sentence = _("The year %(year)s is not between %(first)s and %(last)s.")
        raise ValueError(sentence % {"year": at.year, "first": YEARS.start, "last": YEARS.stop - 1})
    return at.astimezone(UTC)


def optional(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return a parser that returns None for empty text."""
    return lambda text: parse(text) if text.strip() else None


parse_code = identifier_parser(64)
