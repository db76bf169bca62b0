"""Hard content: nothing overlaps, leaves the page or gets lost."""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.pdf import render_draft
from contracts.pdf.layout import BODY_HEIGHT, BOTTOM, LEFT, PAGE_HEIGHT, RIGHT, TOP, Strip, paginate
from tests.contracts.pdf.reading import needs_poppler, pages_of_text, squeezed, words_of
from tests.contracts.pdf.samples import PARTY_A, PARTY_B, order_line, snapshot

LATIN = ("4 vCPU, 16 GB; general purpose SSD (gp3) 200 GB; 20 Mbit/s; unit GB-Months; SKU 2KRSTFABXH77P2FQ; " * 4)[:300]
CHINESE = ("计算型 c6，8 核 16 GB，系统盘 100 GB SSD，公网带宽 10 Mbit/s，可用区 B；购买时长 12 个月；" * 8)[:300]
UNBROKEN = "WMQ@" * 100


def core(word):
    """The word's box without the room that the font keeps above and below its letters."""
    quarter = (word.bottom - word.top) / 4
    return word.left + 0.3, word.top + quarter, word.right - 0.3, word.bottom - quarter


def assert_well_set(pdf, folder):
    """All words lie within the margins, and no two of them on each other."""
    pages = defaultdict(list)
    for word in words_of(pdf, folder):
        left, top, right, bottom = core(word)
        assert left >= LEFT - 1, word
        assert right <= RIGHT + 1, word
        assert 25 <= top < bottom <= PAGE_HEIGHT - 20, word
        pages[word.page].append((top, left, right, bottom, word))
    for boxes in pages.values():
        boxes.sort()
        for n, (_, left, right, bottom, word) in enumerate(boxes):
            for other_top, other_left, other_right, _, other in boxes[n + 1 :]:
                if other_top >= bottom:
                    break
                assert other_right <= left or other_left >= right, (word, other)


@needs_poppler
@pytest.mark.parametrize("kind", ["order", pytest.param("payment_request", marks=pytest.mark.exhaustive)])
@pytest.mark.parametrize(
    "language", [*(pytest.param(one, marks=pytest.mark.exhaustive) for one in ("en", "zh-hans")), "both"]
)
@pytest.mark.parametrize("configuration", [LATIN, CHINESE], ids=["latin", "chinese"])
def test_two_hundred_orders_with_long_configurations(kind, language, configuration, tmp_path):
    lines = [order_line(n, configuration=f"{n:03}: {configuration}") for n in range(1, 201)]
    pdf = render_draft(snapshot(lines=lines, type=kind, language=language))
    assert_well_set(pdf, tmp_path)
    text = squeezed("".join(pages_of_text(pdf, tmp_path, "-raw")))
    for line in lines:
        assert line.number in text
        assert squeezed(line.configuration)[:60] in text  # the rest may be on the next page, below its header


HARD = {
    "long unbroken configuration": snapshot(lines=[order_line(configuration=UNBROKEN)]),
    "long product": snapshot(lines=[order_line(product_name="Elastic Compute Service Premium " * 6)]),
    "long unbroken product": snapshot(lines=[order_line(product_name=UNBROKEN, region=UNBROKEN)]),
    "long order number": snapshot(lines=[order_line(number="ORDER-2026-" + "W" * 60)]),
    "no configuration": snapshot(lines=[order_line(configuration="", region="")]),
    "long names": snapshot(
        party_a=replace(PARTY_A, name="北京云杉数据技术有限公司" * 6, contact=UNBROKEN[:120]),
        party_b=replace(PARTY_B, name="International Electronic Commerce and Cloud Services Holding Company " * 4),
        language="both",
    ),
    "long addresses": snapshot(
        party_a=replace(PARTY_A, address="北京市海淀区中关村南大街 5 号理工科技大厦 1208 室，" * 8),
        party_b=replace(PARTY_B, address=UNBROKEN, email=f"{UNBROKEN[:90]}@example.com"),
    ),
    "large amounts": snapshot(
        lines=[
            order_line(n, list_amount=Decimal("1e12"), payable_amount=Decimal("888888888888.88"), quantity=100000)
            for n in range(1, 4)
        ],
        language="both",
    ),
    "payable above list": snapshot(lines=[order_line(list_amount=Decimal(10), payable_amount=Decimal("12.5"))]),
    "long account": snapshot(
        type="payment_request", party_a=replace(PARTY_A, account_number="9" * 60, bank_account="8" * 80)
    ),
    "lines in a configuration": snapshot(lines=[order_line(configuration="CPU 4\nMemory 16 GB\n\nDisk 200 GB")]),
}


@needs_poppler
@pytest.mark.parametrize("contract", HARD.values(), ids=HARD.keys())
def test_hard_content(contract, tmp_path):
    pdf = render_draft(contract)
    assert_well_set(pdf, tmp_path)
    text = squeezed("".join(pages_of_text(pdf, tmp_path, "-raw")))
    for line in contract.lines:
        assert squeezed(line.configuration) in text
        assert squeezed(line.region) in text
    for party in (contract.party_a, contract.party_b):
        assert squeezed(party.name) in text
        assert squeezed(party.address) in text


@needs_poppler
def test_an_order_taller_than_a_page_goes_over_several(tmp_path):
    tall = " ".join(f"part{n}" for n in range(6000))
    lines = [order_line(1), order_line(2, configuration=tall), order_line(3)]
    pdf = render_draft(snapshot(lines=lines))
    assert_well_set(pdf, tmp_path)
    assert squeezed(tall) in squeezed("".join(page_without_frame(page) for page in order_pages(pdf, tmp_path)))


def order_pages(pdf, folder):
    return pages_of_text(pdf, folder, "-raw")


def page_without_frame(page):
    """The page's orders: without header, table head, footer and the figures of the tall order's first line."""
    return "".join(line for line in page.splitlines() if line.startswith("part") or "part0" in line)


MARKUP = [
    "<b>bold</b>",
    "<b>never closed",
    "</para></font>",
    '<img src="file:///etc/passwd" width="10" height="10"/>',
    '<a href="https://evil.example/">click</a>',
    "<font color=\"[[[getattr(pow, Word('__globals__'))]]]\">x</font>",
    "&amp; &lt;tag&gt; &#x41; &nbsp;",
    "]]> <![CDATA[x]]> <!-- y -->",
    "50% {total} {0} %s %(name)s \\n \\) Tj ET (",
    "(unbalanced ((( \\ \\\\ )))) >> endobj",
    "<?xml version='1.0'?><!ENTITY x SYSTEM 'file:///etc/passwd'>",
]


@needs_poppler
@pytest.mark.parametrize("markup", MARKUP)
def test_customers_text_is_never_markup(markup, tmp_path):
    party = replace(PARTY_A, name=f"云杉 {markup}", address=markup, contact=markup, email=markup, bank=markup)
    line = order_line(configuration=markup, product_name=markup, region=markup)
    pdf = render_draft(snapshot(party_a=party, lines=[line], language="both"))
    text = squeezed("".join(pages_of_text(pdf, tmp_path, "-raw")))
    assert text.count(squeezed(markup)) >= 7
    assert b"/URI" not in pdf
    assert b"/Subtype /Image" not in pdf
    assert b"/Link" not in pdf


@pytest.mark.exhaustive
@needs_poppler
@settings(max_examples=25, deadline=None)
@given(
    texts=st.lists(
        st.text(st.characters(codec="gb2312", exclude_categories=["Cc", "Cf", "Zs"]), min_size=1, max_size=80),
        min_size=5,
        max_size=5,
    ),
    language=st.sampled_from(["en", "zh-hans", "both"]),
)
def test_any_printable_text_comes_out_as_it_went_in(texts, language, tmp_path_factory):
    configuration, product, name, address, contact = texts
    party = replace(PARTY_A, name=name, address=address, contact=contact)
    line = order_line(configuration=configuration, product_name=product)
    pdf = render_draft(snapshot(party_a=party, lines=[line], language=language))
    text = squeezed("".join(pages_of_text(pdf, tmp_path_factory.mktemp("any"), "-raw")))
    for each in texts:
        assert squeezed(each) in text


def heights(pages):
    return [[strip.height for _, strip in page] for page in pages]


def test_strips_kept_together_move_together():
    strips = [Strip(BODY_HEIGHT - 50), Strip(30, keep=True), Strip(30, keep=True), Strip(30), Strip(10)]
    assert heights(paginate(strips)) == [[BODY_HEIGHT - 50], [30, 30, 30, 10]]


def test_white_above_a_strip_is_left_out_at_the_head_of_a_page():
    [[_, second], [third]] = paginate([Strip(100), Strip(BODY_HEIGHT - 120, space=20), Strip(50, space=40)])
    assert second.top == TOP - 120
    assert third.top == TOP


def test_a_table_head_is_repeated_where_a_page_begins_within_it():
    head = Strip(20)
    rows = [Strip(100, head=head) for _ in range(20)]
    pages = paginate([head, *rows])
    assert [page[0].strip for page in pages] == [head] * len(pages)
    assert sum(len(page) - 1 for page in pages) == 20
    assert all(top - strip.height >= BOTTOM - 0.01 for page in pages for top, strip in page)


def test_a_chain_longer_than_a_page_is_parted():
    pages = paginate([Strip(200, keep=True) for _ in range(6)])
    assert heights(pages) == [[200, 200, 200], [200, 200, 200]]
