"""Amounts in figures and in words."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.money import amount_in_words, format_amount, format_figure

AMOUNTS = st.decimals(min_value=0, max_value=Decimal("9999999999999.99"), places=2)


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("1234.5", "USD", "USD 1,234.50"),
        ("0", "CNY", "CNY 0.00"),
        ("-0.001", "CNY", "CNY 0.00"),
        ("-12.3", "CNY", "CNY -12.30"),
        ("1234.5", "JPY", "JPY 1,235"),
        ("1234.5", "KWD", "KWD 1,234.500"),
        ("1e12", "USD", "USD 1,000,000,000,000.00"),
        ("0.005", "USD", "USD 0.01"),
    ],
)
def test_amount_in_figures(amount, currency, expected):
    assert format_amount(Decimal(amount), currency) == expected


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("0", "CNY", "人民币零元整"),
        ("0.05", "CNY", "人民币伍分"),
        ("0.50", "CNY", "人民币伍角整"),
        ("10.00", "CNY", "人民币壹拾元整"),
        ("10.05", "CNY", "人民币壹拾元零伍分"),
        ("1234.56", "USD", "美元壹仟贰佰叁拾肆元伍角陆分"),
        ("100000001.01", "CNY", "人民币壹亿零壹元零壹分"),
        ("15160836.10", "CNY", "人民币壹仟伍佰壹拾陆万零捌佰叁拾陆元壹角整"),
        ("1e12", "CNY", "人民币壹万亿元整"),
        ("1000", "JPY", "日元壹仟元整"),
        ("1.105", "KWD", "科威特第纳尔壹元壹角零伍厘"),
        ("0.005", "KWD", "科威特第纳尔伍厘"),
        ("12.345", "CNY", "人民币壹拾贰元叁角伍分"),
        ("7", "XYZ", "XYZ柒元整"),
    ],
)
def test_amount_in_chinese_capitals(amount, currency, expected):
    assert amount_in_words(Decimal(amount), currency, "zh-hans") == expected


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("0", "USD", "US Dollars Zero and 00/100"),
        ("0.05", "USD", "US Dollars Zero and 05/100"),
        ("10.00", "CNY", "Chinese Yuan Ten and 00/100"),
        ("1234.50", "USD", "US Dollars One Thousand Two Hundred Thirty-Four and 50/100"),
        ("100000001.01", "EUR", "Euros One Hundred Million One and 01/100"),
        ("15160836.10", "USD",
         "US Dollars Fifteen Million One Hundred Sixty Thousand Eight Hundred Thirty-Six and 10/100"),
        ("1e12", "JPY", "Japanese Yen One Trillion"),
        ("1.105", "KWD", "Kuwaiti Dinars One and 105/1000"),
        ("7", "XYZ", "XYZ Seven and 00/100"),
    ],
)  # fmt: skip
def test_amount_in_english_words(amount, currency, expected):
    assert amount_in_words(Decimal(amount), currency, "en") == expected


@pytest.mark.parametrize("amount", ["-0.01", "NaN", "Infinity", "1e16"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_amount_without_words(amount, language):
    with pytest.raises(ValueError, match="amount"):
        amount_in_words(Decimal(amount), "USD", language)


@pytest.mark.parametrize("amount", ["NaN", "Infinity"])
def test_not_an_amount(amount):
    with pytest.raises(ValueError, match="Not an amount"):
        format_amount(Decimal(amount), "USD")


@given(AMOUNTS)
def test_figure_reads_back(amount):
    assert Decimal(format_figure(amount, "USD").replace(",", "")) == amount


def read_capitals(words: str) -> Decimal:
    """An independent reader of Chinese capitals: digits wait for their unit, sections for 万 and 亿."""
    total = section = digit = Decimal(0)
    for character in words:
        if character in "零壹贰叁肆伍陆柒捌玖":
            digit = Decimal("零壹贰叁肆伍陆柒捌玖".index(character))
        elif character in "拾佰仟":
            section += digit * 10 ** ("拾佰仟".index(character) + 1)
            digit = Decimal(0)
        elif character in "万亿":
            scale = 10 ** (4 if character == "万" else 8)
            # 壹万亿: what came before 亿, the 万 part included, is multiplied
            total = (total + section + digit) * scale if character == "亿" else total + (section + digit) * scale
            section = digit = Decimal(0)
        elif character in "元角分":
            total += section + digit * Decimal("1") / 10 ** "元角分".index(character)
            section = digit = Decimal(0)
    return total


@given(AMOUNTS)
def test_chinese_capitals_read_back(amount):
    words = amount_in_words(amount, "CNY", "zh-hans")
    assert read_capitals(words.removeprefix("人民币")) == amount
    assert words.endswith("整") == (amount * 100 % 10 == 0)
    assert "零零" not in words


@given(AMOUNTS, AMOUNTS)
def test_different_amounts_have_different_words(one, other):
    same = amount_in_words(one, "USD", "en") == amount_in_words(other, "USD", "en")
    assert same == (one == other)
