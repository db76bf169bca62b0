"""Tax on the page: a rate for each order, and net, tax and gross summed by rate (R35)."""

from dataclasses import replace
from datetime import timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.money import CURRENCIES, format_figure, minor_units
from contracts.documents.snapshots import freeze_line, read_line
from contracts.pdf import render_draft
from contracts.pdf.tax import group_by_rate
from orders.importing.contradictions import find_tax_fault
from orders.models import Order, Product
from tests.contracts.pdf.reading import needs_poppler, pages_of_text, run_poppler, squeezed
from tests.contracts.pdf.samples import APPLIED_AT, order_line, snapshot

pytestmark = [pytest.mark.rule("R35"), needs_poppler]
HEADS = ["Tax rate", "Net", "Tax", "Gross"]
RATES = st.none() | st.sampled_from(["0", "3", "6", "13", "8.875"]) | st.decimals(0, 100, places=4).map(str)


@st.composite
def orders(draw: st.DrawFn) -> list[Order]:
    """1 to 5 orders in one currency, as an order system may state them: its rounding is its own."""
    currency = draw(st.sampled_from(["CNY", "JPY", "KWD"]) | st.sampled_from(sorted(CURRENCIES)))
    step = Decimal(1).scaleb(-minor_units(currency))
    made = []
    for n in range(draw(st.integers(1, 5))):
        payable = draw(st.integers(0, 10**12)) * step
        rate = draw(RATES)
        tax = None
        if rate is not None:
            exact = payable * Decimal(rate) / (100 + Decimal(rate))
            tax = exact.quantize(step, rounding=draw(st.sampled_from([ROUND_FLOOR, ROUND_CEILING])))
        made.append(
            Order(
                number=f"FO{n + 1:09d}",
                product=Product(name="Elastic Compute"),
                kind="new",
                quantity=draw(st.integers(1, 10**6)),
                unit=draw(st.sampled_from(["", "GB", "台", "GB-Months"])),
                currency=currency,
                list_amount=payable,
                payable_amount=payable,
                tax_rate=None if rate is None else Decimal(rate),
                tax_amount=tax,
                ordered_at=APPLIED_AT,
                payment_deadline=APPLIED_AT + timedelta(days=7),
            )
        )
    return made


def check_page(made: list[Order], folder) -> None:
    currency = made[0].currency
    for order in made:
        assert not find_tax_fault(order.payable_amount, rate=order.tax_rate, tax=order.tax_amount, currency=currency)
    frozen = [freeze_line(order) for order in made]
    contract = snapshot(lines=[read_line(line) for line in frozen], currency=currency)
    groups = group_by_rate(contract.lines)
    assert sum(group.gross for group in groups) == contract.total_amount == sum(o.payable_amount for o in made)
    assert all(group.net + group.tax == group.gross for group in groups if group.net is not None)

    text = run_poppler("pdftotext", render_draft(contract), folder, "-layout")
    rows = [" ".join(row.split()) for row in text.splitlines() if row.strip()]
    for line in frozen:  # contract.json says what the page says
        [row] = [row for row in rows if line["number"] in row]
        assert f" {line['quantity']}" in row
        assert line.get("unit", "") in text
        figure = format_figure(Decimal(line["payable_amount"]), currency)
        rate = f"{line['tax_rate']}%" if "tax_rate" in line else "–"
        assert row.endswith(f" {rate} {figure}" if any("tax_rate" in each for each in frozen) else f" {figure}")
    if not any("tax_rate" in line for line in frozen):
        assert " ".join(HEADS) not in rows
        return
    summary = rows[rows.index(" ".join(HEADS)) + 1 :][: len(groups) + 1]
    assert summary == [*_expected_groups(frozen, currency), _expected_total(frozen, currency)]


def _expected_groups(frozen: list[dict], currency: str) -> list[str]:
    rows = []
    for rate in sorted({line["tax_rate"] for line in frozen if "tax_rate" in line}, key=Decimal):
        rows.append(f"{rate}% {_sums([line for line in frozen if line.get('tax_rate') == rate], currency)}")
    if rest := [line for line in frozen if "tax_rate" not in line]:
        rows.append(f"Not stated {_sums(rest, currency)}")
    return rows


def _expected_total(frozen: list[dict], currency: str) -> str:
    return f"Total {_sums(frozen, currency)}"


def _sums(lines: list[dict], currency: str) -> str:
    gross = sum(Decimal(line["payable_amount"]) for line in lines)
    if any("tax_rate" not in line for line in lines):
        return f"– – {format_figure(gross, currency)}"
    tax = sum(Decimal(line["tax_amount"]) for line in lines)
    return " ".join(format_figure(amount, currency) for amount in (gross - tax, tax, gross))


@given(made=orders())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sums_hold_and_the_page_says_what_contract_json_says(made, tmp_path):
    check_page(made, tmp_path)


@pytest.mark.exhaustive
@given(made=orders())
@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sums_hold_for_many_orders(made, tmp_path):
    check_page(made, tmp_path)


def taxed(n: int, rate: str, **changes):
    line = order_line(n, **changes)
    tax = line.payable_amount * Decimal(rate) / (100 + Decimal(rate))
    return replace(line, tax_rate=Decimal(rate), tax_amount=tax.quantize(Decimal("0.01")))


@pytest.mark.parametrize(
    ("language", "whole", "some"),
    [
        ("en", "Amounts include tax.", "Amounts with a tax rate include tax."),
        ("zh-hans", "金额均为含税金额。", "列有税率的金额为含税金额。"),
        ("both", "金额均为含税金额。 Amounts include tax.", "列有税率的金额为含税金额。"),
    ],
)
def test_the_page_says_which_amounts_include_tax(language, whole, some, tmp_path):
    lines = [taxed(1, "13"), taxed(2, "6")]
    for given_lines, note in ((lines, whole), ([*lines, order_line(3)], some)):
        text = "".join(pages_of_text(render_draft(snapshot(lines=given_lines, language=language)), tmp_path))
        assert squeezed(note) in squeezed(text)


def test_cost_centre_and_unit_are_printed_with_their_order(tmp_path):
    line = order_line(1, unit="GB-Months", details=(("cost_center", "R&D-4100"),))
    text = squeezed(pages_of_text(render_draft(snapshot(lines=[line])), tmp_path)[0])
    assert "2GB-Months" in text
    assert "CostcentreR&D-4100" in text
