"""Amounts as a contract prints them: in figures and in words."""

from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Literal

import cn2an

MINOR_UNITS = {
    **dict.fromkeys(["CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF", "XPF"], 0),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
}
"""ISO 4217: how many decimals a currency has, where that is not 2."""

NAMES = {
    "AUD": ("Australian Dollars", "澳大利亚元"),
    "BHD": ("Bahraini Dinars", "巴林第纳尔"),
    "CAD": ("Canadian Dollars", "加拿大元"),
    "CHF": ("Swiss Francs", "瑞士法郎"),
    "CNY": ("Chinese Yuan", "人民币"),
    "EUR": ("Euros", "欧元"),
    "GBP": ("Pounds Sterling", "英镑"),
    "HKD": ("Hong Kong Dollars", "港元"),
    "IDR": ("Indonesian Rupiah", "印度尼西亚盾"),
    "INR": ("Indian Rupees", "印度卢比"),
    "JPY": ("Japanese Yen", "日元"),
    "KRW": ("South Korean Won", "韩元"),
    "KWD": ("Kuwaiti Dinars", "科威特第纳尔"),
    "MOP": ("Macanese Patacas", "澳门元"),
    "MYR": ("Malaysian Ringgit", "马来西亚林吉特"),
    "NZD": ("New Zealand Dollars", "新西兰元"),
    "SGD": ("Singapore Dollars", "新加坡元"),
    "THB": ("Thai Baht", "泰铢"),
    "TWD": ("New Taiwan Dollars", "新台币"),
    "USD": ("US Dollars", "美元"),
    "VND": ("Vietnamese Dong", "越南盾"),
}
"""Currencies by name, English and Chinese. Any other is named by its code."""

WORDS_LIMIT = Decimal(10) ** 16
"""Amounts from here on have no words."""

STEPS = {places: Decimal(1).scaleb(-places) for places in (0, 2, 3)}
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
# fmt: on
SCALES = ["", "Thousand", "Million", "Billion", "Trillion", "Quadrillion"]


def minor_units(currency: str) -> int:
    """How many decimals amounts in the ISO 4217 currency have."""
    return MINOR_UNITS.get(currency, 2)


def quantise(amount: Decimal, currency: str) -> Decimal:
    """The amount rounded, half up, to the currency's minor unit. ValueError if it is not a finite number."""
    if not amount.is_finite():
        raise ValueError(f"Not an amount: {amount}")
    return amount.quantize(STEPS[minor_units(currency)], rounding=ROUND_HALF_UP, context=WIDE)


def format_figure(amount: Decimal, currency: str) -> str:
    """The bare figure, grouped in thousands, for a column headed by its currency: "1,234.50"."""
    rounded = quantise(amount, currency)
    return f"{rounded if rounded else abs(rounded):,f}"


def format_amount(amount: Decimal, currency: str) -> str:
    """The figure with its currency: "USD 1,234.50"."""
    return f"{currency} {format_figure(amount, currency)}"


def amount_in_words(amount: Decimal, currency: str, language: Literal["en", "zh-hans"]) -> str:
    """The amount in English words or Chinese financial capitals.

    "US Dollars One Thousand Two Hundred Thirty-Four and 50/100"; "美元壹仟贰佰叁拾肆元伍角整".
    ValueError if it is negative, not finite, or 10^16 or more.
    """
    rounded = quantise(amount, currency)
    if rounded < 0 or rounded >= WORDS_LIMIT:
        raise ValueError(f"No words for the amount {amount}")
    whole, _, minor = f"{abs(rounded):f}".partition(".")
    english, chinese = NAMES.get(currency, (currency, currency))
    if language == "zh-hans":
        return chinese + _chinese_capitals(whole, minor)
    fraction = f" and {minor}/{10 ** len(minor)}" if minor else ""
    return f"{english} {_english_words(int(whole))}{fraction}"


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
    if number == 0:
        return SMALL[0]
    groups = []
    for scale in SCALES:
        number, group = divmod(number, 1000)
        if group:
            groups.append(f"{_english_hundreds(group)} {scale}".rstrip())
    return " ".join(reversed(groups))


def _english_hundreds(number: int) -> str:
    """Words for 1 to 999."""
    hundreds, rest = divmod(number, 100)
    words = [f"{SMALL[hundreds]} Hundred"] if hundreds else []
    if rest >= 20:
        tens, ones = divmod(rest, 10)
        words.append(f"{TENS[tens]}-{SMALL[ones]}" if ones else TENS[tens])
    elif rest:
        words.append(SMALL[rest])
    return " ".join(words)
