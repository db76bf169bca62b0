"""Amounts as a contract prints them: in figures and in words."""

from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cache
from typing import Literal

import cn2an
from babel.core import get_global
from babel.numbers import get_currency_name, get_currency_precision, get_territory_currencies

Language = Literal["en", "zh-hans"]
LOCALES: dict[Language, str] = {"en": "en", "zh-hans": "zh_Hans"}

CURRENCIES = frozenset(
    currency for territory in get_global("territory_currencies") for currency in get_territory_currencies(territory)
)
"""ISO 4217 codes of the currencies that are legal tender somewhere when the process starts, by CLDR."""

WORDS_LIMIT = Decimal(10) ** 16
"""Amounts from here on have no words."""

WIDE = Context(prec=60)
"""No amount that a database holds has more digits."""

CHINESE_DIGITS = "零壹贰叁肆伍陆柒捌玖"
CHINESE_MINOR_UNITS = "角分厘"

# fmt: off
SMALL = [
    "Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve",
    "Thirteen", "Fourteen", "Fifteen", "Sixteen", "Seventeen", "Eighteen", "Nineteen",
]
TENS = ["", "", "Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety"]
SCALES = {
    10**15: "Quadrillion", 10**12: "Trillion", 10**9: "Billion", 10**6: "Million", 1000: "Thousand", 100: "Hundred",
}
# fmt: on


@cache
def minor_units(currency: str) -> int:
    """How many decimals amounts in the currency have, by CLDR; 2 in one that it does not know."""
    return get_currency_precision(currency)


@cache
def currency_name(currency: str, language: Language) -> str:
    """The plural that CLDR has, "US Dollars"; the code where it has none."""
    name = get_currency_name(currency, count=2, locale=LOCALES[language])
    name = name.replace("ʻ", "’")  # of Paʻanga; the documents' fonts lack it
    return " ".join(word[:1].upper() + word[1:] for word in name.split(" "))


def is_exact(amount: Decimal, currency: str) -> bool:
    """Whether the currency can express the amount: KWD has three decimals, JPY none."""
    return amount == quantise(amount, currency)


def quantise(amount: Decimal, currency: str) -> Decimal:
    """The amount rounded, half up, to the currency's minor unit. ValueError if it is not a finite number."""
    if not amount.is_finite():
        raise ValueError(f"Not an amount: {amount}")
    return amount.quantize(_step(currency), rounding=ROUND_HALF_UP, context=WIDE)


@cache
def _step(currency: str) -> Decimal:
    return Decimal(1).scaleb(-minor_units(currency))


def plain_percent(rate: Decimal) -> str:
    """The rate without trailing zeros: "13", "8.875"."""
    return f"{rate:f}".rstrip("0").rstrip(".") if "." in f"{rate:f}" else f"{rate:f}"


def plain_amount(amount: Decimal, currency: str) -> str:
    """The figure for programs, with the currency's own decimals: "1000" yen, "10.125" dinars."""
    return f"{quantise(amount, currency):f}"


def format_figure(amount: Decimal, currency: str) -> str:
    """The bare figure, grouped in thousands, for a column headed by its currency: "1,234.50"."""
    rounded = quantise(amount, currency)
    return f"{rounded if rounded else abs(rounded):,f}"


def format_amount(amount: Decimal, currency: str) -> str:
    """The figure with its currency: "USD 1,234.50"."""
    return f"{currency} {format_figure(amount, currency)}"


def amount_in_words(amount: Decimal, currency: str, language: Language) -> str:
    """The amount in English words or Chinese financial capitals.

    "US Dollars One Thousand Two Hundred Thirty-Four and 50/100"; "美元壹仟贰佰叁拾肆元伍角整".
    ValueError if it is negative, not finite, or 10^16 or more.
    """
    rounded = quantise(amount, currency)
    if rounded < 0 or rounded >= WORDS_LIMIT:
        raise ValueError(f"No words for the amount {amount}")
    whole, _, minor = f"{abs(rounded):f}".partition(".")
    name = currency_name(currency, language)
    if language == "zh-hans":
        return name + _chinese_capitals(whole, minor)
    fraction = f" and {minor}/{10 ** len(minor)}" if minor else ""
    return f"{name} {_english_words(int(whole))}{fraction}"


def _chinese_capitals(whole: str, minor: str) -> str:
    """Capitals by the rules for bills: 零 for skipped places, 整 after an amount that ends before its last place."""
    words = f"{cn2an.an2cn(whole, 'up')}元" if int(whole) or not int(minor or 0) else ""
    skipped = False
    for digit, unit in zip(minor, CHINESE_MINOR_UNITS, strict=False):
        if digit == "0":
            skipped = True
            continue
        if skipped and words:
            words += "零"
        words += CHINESE_DIGITS[int(digit)] + unit
        skipped = False
    return words if minor and minor[-1] != "0" else f"{words}整"


def _english_words(number: int) -> str:
    """Return words for 0 to 10^18 - 1. No library serves: docs/decisions/0031-libraries-that-do-not-fit.md."""
    if number < 20:
        return SMALL[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return f"{TENS[tens]}-{SMALL[ones]}" if ones else TENS[tens]
    scale = next(scale for scale in SCALES if scale <= number)
    count, rest = divmod(number, scale)
    words = f"{_english_words(count)} {SCALES[scale]}"
    return f"{words} {_english_words(rest)}" if rest else words
