"""Where a page ends: no row, heading, total or signature alone."""

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.pdf import render_draft
from contracts.pdf.labels import TEXTS
from contracts.pdf.layout import BODY_HEIGHT, BOTTOM, Strip, paginate
from tests.contracts.pdf.reading import Printed, lines_of
from tests.contracts.pdf.samples import PARTY_A, order_line, snapshot

SECTIONS = ("orders", "remittance", "validity", "terms", "signatures")
HEADINGS = {TEXTS[name][0].replace(" ", "") for name in SECTIONS}
FOOT = 60.0
"""Footers stand below."""


def body(lines: list[Printed], page: int) -> list[Printed]:
    """A page's lines without header and footer."""
    return [line for line in lines if line.page == page and FOOT < line.baseline < 790]


def order_rows(lines: list[Printed], page: int) -> list[str]:
    return [line.text for line in body(lines, page) if re.fullmatch(r"FO\d{15}", line.text)]


def moved(down: int) -> list[Printed]:
    """A contract of 12 orders that begin `down` lines further down the first page."""
    party = replace(PARTY_A, address="\n".join(f"Line {n}" for n in range(1, down + 2)))
    return lines_of(render_draft(snapshot(12, party_a=party, type="payment_request")))


@pytest.fixture(scope="module")
def contracts() -> list[list[Printed]]:
    """Contracts whose orders and clauses begin at every height of a page."""
    return [moved(down) for down in range(0, 56, 2)]


def test_a_page_never_holds_one_row_of_the_table_alone(contracts):
    found = 0
    for lines in contracts:
        for page in range(1, lines[-1].page + 1):
            rows = len(order_rows(lines, page))
            assert rows != 1, (page, body(lines, page))
            found += rows > 0
    assert found > len(contracts)  # tables do go over pages


def test_totals_stand_under_at_least_two_rows(contracts):
    for lines in contracts:
        [totals] = [line for line in lines if line.text.startswith("Total,")]
        [words] = [line for line in lines if line.text.startswith("Contracttotal")]
        assert totals.page == words.page
        assert len(order_rows(lines, totals.page)) >= 2


def test_a_heading_stands_with_what_it_heads(contracts):
    at_all_heights = set()
    for lines in contracts:
        headings = [line for line in lines if line.text in HEADINGS and line.left < 60 and FOOT < line.baseline < 790]
        assert len(headings) == len(HEADINGS)
        for heading in headings:
            below = [line for line in body(lines, heading.page) if line.baseline < heading.baseline - 5]
            assert len(below) >= 2, heading
            at_all_heights.add(round(heading.baseline, -2))
    assert len(at_all_heights) > 5


def test_the_signatures_stand_on_one_page_with_the_last_clause(contracts):
    for lines in contracts:
        page = lines[-1].page
        there = {line.text for line in body(lines, page)}
        assert {"Signatures", "PartyA(signatureorseal)", "Authorisedsignatory", "Verificationcode"} <= there
        assert any(text.endswith("Miscellaneous") for text in there)


@pytest.mark.parametrize("language", ["en", "zh-hans", "both"])
def test_each_page_of_the_table_says_what_it_is_and_in_which_currency(language):
    lines = lines_of(render_draft(snapshot(60, language=language, currency="CNY")))
    pages = [page for page in range(1, lines[-1].page + 1) if order_rows(lines, page)]
    assert len(pages) > 3
    for page in pages:
        text = "".join(line.text for line in body(lines, page))
        table = text[: text.index("FO")]
        assert ("AmountsinCNY" in table) == (language != "zh-hans")
        assert ("金额单位：CNY" in table) == (language != "en")
        assert ("Orders,continued" in table) == (language != "zh-hans" and page > 1)
        assert ("订单明细（续）" in table) == (language != "en" and page > 1)


@pytest.mark.parametrize(
    "language", ["en", *(pytest.param(one, marks=pytest.mark.exhaustive) for one in ("zh-hans", "both"))]
)
def test_short_clauses_are_not_parted(language):
    """The shipped clauses are short: where a page begins among them, it begins with the first line of one."""
    begun = 0
    for count in range(1, 14):
        lines = lines_of(render_draft(snapshot(count, language=language)))
        terms = next(n for n, line in enumerate(lines) if line.text.startswith(("Terms", "合同条款")))
        for page in range(lines[terms].page + 1, lines[-1].page + 1):
            first = body(lines, page)[0]
            assert re.match(r"\d+", first.text), first
            assert first.left < 60, first
            begun += 1
    assert begun >= 10


def test_a_row_taller_than_a_page_begins_under_its_head():
    tall = " ".join(f"part{n}" for n in range(3000))
    lines = lines_of(render_draft(snapshot(lines=[order_line(1, configuration=tall), order_line(2)])))
    [head] = [line for line in lines if line.text == "Orders"]
    assert any("part0" in line.text for line in body(lines, head.page))


STRIPS = st.lists(st.builds(Strip, st.integers(8, 250), space=st.integers(0, 20), keep=st.booleans()), max_size=60)


@given(STRIPS)
def test_strips_keep_their_order_and_their_company(strips):
    pages = paginate(strips)
    assert [strip.height for page in pages for _, strip in page] == [strip.height for strip in strips]
    for page in pages:
        assert all(top - strip.height >= BOTTOM - 0.01 for top, strip in page)
    for page, following in pairwise(pages):
        if page and page[-1].strip.keep:  # only what is longer than a page is parted
            chain = sum(strip.height + strip.space for _, strip in [*page, following[0]])
            assert chain > BODY_HEIGHT
