"""Figures stand on their decimal points, in every column, plain and bold."""

import re
from decimal import Decimal

import pytest

from contracts.pdf import render_draft
from tests.contracts.pdf.reading import Printed, characters_of, lines_of
from tests.contracts.pdf.samples import order_line, snapshot

AMOUNTS = [
    ("0", "0"),
    ("0.01", "0.01"),
    ("10", "12.5"),
    ("1234567.8", "1000000"),
    ("99.99", "0"),
    ("250", "249.99"),
]
"""List and payable amounts: nothing, next to nothing, more than the list says, large, a gift, a small discount."""


def amounts(pairs: list[tuple[str, str]] = AMOUNTS):
    return [
        order_line(n, list_amount=Decimal(listed), payable_amount=Decimal(payable), configuration="plain")
        for n, (listed, payable) in enumerate(pairs, start=1)
    ]


def points_by_column(pdf: bytes, columns: int = 3) -> list[set[float]]:
    """Where the decimal points of the table stand: for each column of figures from the right, to a 20th of a point."""
    read = characters_of(pdf)
    dots = [
        dot
        for dot, first, second in zip(read, read[1:], read[2:], strict=False)
        if (dot.text, dot.size, dot.baseline) == (".", 7.5, first.baseline)
        and first.text.isdigit()
        and second.text != "%"
    ]
    found: list[set[float]] = []
    for dot in sorted(dots, key=lambda each: -each.left):
        middle = (dot.left + dot.right) / 2
        if not found or min(found[-1]) - middle > 10:
            found.append(set())
        found[-1].add(middle)
    return found[:columns]


@pytest.mark.parametrize("kind", ["order", "payment_request"])
@pytest.mark.parametrize("language", ["en", "zh-hans", "both"])
def test_decimal_points_stand_under_each_other(kind, language):
    columns = points_by_column(render_draft(snapshot(lines=amounts(), type=kind, language=language)))
    assert len(columns) == 3
    for points in columns:
        assert len(points) >= 2
        assert max(points) - min(points) < 0.2, points


def test_three_decimals_line_up_too():
    columns = points_by_column(render_draft(snapshot(lines=amounts(), currency="KWD")))
    for points in columns:
        assert max(points) - min(points) < 0.2, points


def test_figures_without_decimals_end_together():
    lines = lines_of(
        render_draft(snapshot(lines=amounts([("120000", "100000"), ("7", "7"), ("99", "98")]), currency="JPY"))
    )
    payable = [line for line in lines if line.right > 540 and re.fullmatch(r"[\d,]+", line.text)]
    assert [line.text for line in payable] == ["100,000", "7", "98", "100,105"]
    ends = [line.right for line in payable]
    assert max(ends) - min(ends) < 0.5


@pytest.mark.parametrize(
    ("listed", "payable", "said"),
    [
        ("276.48", "276.43", "<0.1%"),
        ("100", "99.95", "0.1%"),
        ("1000", "0.01", ">99.9%"),
        ("1000", "1000.01", None),
        ("10", "12.5", "-25%"),
    ],
)
def test_a_discount_is_never_rounded_to_none_or_all(listed, payable, said):
    lines = lines_of(render_draft(snapshot(lines=amounts([(listed, payable)]))))
    assert [line.text for line in lines if "%" in line.text] == ([said] if said else [])


def row_of(lines: list[Printed], text: str) -> Printed:
    [found] = [line for line in lines if line.text == text]
    return found


def test_a_percentage_stands_right_under_its_discount_however_long_the_product_is():
    line = order_line(list_amount=Decimal(100), payable_amount=Decimal(80), product_name="Elastic Compute Service " * 8)
    lines = lines_of(render_draft(snapshot(lines=[line])))
    percentage = row_of(lines, "20%")
    [discount, _] = [each for each in lines if each.text == "20.00"]  # the second in the totals
    assert 5 < discount.baseline - percentage.baseline < 15
    assert abs(discount.right - percentage.right) < 0.5


@pytest.mark.parametrize("kind", ["order", "payment_request"])
@pytest.mark.parametrize("language", ["en", "zh-hans", "both"])
def test_amounts_of_billions_leave_the_table_readable(kind, language):
    pairs = [("123456789012.34", "111111111111.11")] * 3
    pdf = render_draft(snapshot(lines=amounts(pairs), type=kind, language=language))
    assert min(each.size for each in characters_of(pdf)) >= 5
    table = [each.size for each in characters_of(pdf) if each.text == "," and each.left > 350]
    assert min(table) >= 5.8


def test_a_period_goes_over_two_lines_before_the_text_gets_small():
    lines = lines_of(render_draft(snapshot(lines=amounts([("123456789012.34", "98765432101.12")]))))
    begins = [line for line in lines if re.fullmatch(r"2026-11-\d\d–", line.text)]
    ends = [line for line in lines if re.fullmatch(r"2027-11-\d\d", line.text)]
    assert len(begins) == len(ends) == 1
    assert begins[0].left == pytest.approx(ends[0].left, abs=0.5)
    assert begins[0].baseline > ends[0].baseline
