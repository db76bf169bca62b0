"""What a contract says is on its pages."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from common.money import amount_in_words, format_figure
from contracts.pdf import render_draft
from contracts.pdf.clauses import filled, values_of
from contracts.pdf.labels import TEXTS, languages
from contracts.pdf.snapshot import Party, Remittance
from contracts.types import TYPES
from tests.contracts.pdf.reading import needs_poppler, pages_of_text, run_poppler, squeezed
from tests.contracts.pdf.samples import PARTY_A, PARTY_B, order_line, snapshot

pytestmark = needs_poppler

KINDS = pytest.mark.parametrize("kind", ["order", "payment_request"])
LANGUAGES = pytest.mark.parametrize("language", ["en", "zh-hans", "both"])


def text_of(contract, folder, *options):
    return "".join(pages_of_text(render_draft(contract), folder, *options))


@pytest.mark.rule("R33")
@KINDS
@LANGUAGES
def test_orders_amounts_and_totals(kind, language, tmp_path):
    contract = snapshot(20, type=kind, language=language)
    text = text_of(contract, tmp_path, "-raw")
    for line in contract.lines:
        assert line.number in text
        assert format_figure(line.list_amount, "USD") in text
        assert format_figure(line.payable_amount, "USD") in text
    assert f"USD {format_figure(contract.total_amount, 'USD')}" in text
    for each in languages(language):
        assert squeezed(amount_in_words(contract.total_amount, "USD", each)) in squeezed(text)


@KINDS
@LANGUAGES
def test_parties_and_clauses(kind, language, tmp_path):
    contract = snapshot(3, type=kind, language=language)
    text = squeezed(text_of(contract, tmp_path, "-raw"))
    for party in (PARTY_A, PARTY_B):
        for value in (party.name, party.address, party.phone, party.email, party.bank, party.bank_account):
            assert squeezed(value) in text
    for each in languages(language):
        for clause in filled(TYPES[kind].clauses, each, bilingual=language == "both", **values_of(contract)):
            assert squeezed(clause.heading) in text
            assert squeezed(clause.text) in text  # whole, and in reading order even where set in two columns


@KINDS
def test_each_language_alone(kind, tmp_path):
    chinese_labels = [chinese for _, chinese in TEXTS.values() if "{" not in chinese and len(chinese) > 3]
    chinese_labels.append(TYPES[kind].document.title[1])
    english = text_of(snapshot(type=kind, language="en"), tmp_path)
    assert not [label for label in chinese_labels if label in english]
    chinese = text_of(snapshot(type=kind, language="zh-hans"), tmp_path)
    assert "Party A" not in chinese
    assert "Contract total" not in chinese


@LANGUAGES
def test_every_page_is_numbered_and_headed(language, tmp_path):
    contract = snapshot(60, language=language)
    pages = pages_of_text(render_draft(contract), tmp_path)
    assert len(pages) > 3
    for number, page in enumerate(pages, start=1):
        assert contract.number in page
        assert "Fir & Oak Cloud" in page
        assert contract.verification_code in page
        if language != "zh-hans":
            assert f"Page {number} of {len(pages)}" in page
        if language != "en":
            assert f"第 {number} 页，共 {len(pages)} 页" in page


def test_the_table_head_is_repeated(tmp_path):
    contract = snapshot(60)
    pages = pages_of_text(render_draft(contract), tmp_path, "-layout")
    first_orders = [(page, re.search(r"FO\d{15}", page)) for page in pages]
    heads = [page.index("Order No.") < order.start() for page, order in first_orders if order]
    assert len(heads) > 3
    assert all(heads)


def test_the_totals_are_not_alone_on_a_page(tmp_path):
    for count in range(1, 40):
        pages = pages_of_text(render_draft(snapshot(count)), tmp_path, "-raw")
        [page] = [page for page in pages if "Contract total" in page]
        assert len(re.findall(r"FO\d{15}", page)) >= min(count, 2)


@pytest.mark.rule("R13")
@pytest.mark.parametrize(
    ("exclusive", "said", "unsaid"),
    [
        (True, "Exclusive remittance account of Party A", "General bank account"),
        (False, "General bank account of Party B", "Exclusive remittance account"),
    ],
)
def test_remittance_account(exclusive, said, unsaid, tmp_path):
    account = Remittance("Fir & Oak Cloud", "ICBC Shanghai", "9558 8010 0000 1234", exclusive=exclusive)
    text = text_of(snapshot(type="payment_request", remittance=account), tmp_path, "-raw")
    assert said in text
    assert unsaid not in text
    assert "9558 8010 0000 1234" in text
    assert "Payment reference EC7Q2M9XK4T8" in text


@pytest.mark.rule("R13")
def test_an_order_contract_has_no_remittance_block(tmp_path):
    assert "Remittance" not in text_of(snapshot(), tmp_path)


@pytest.mark.rule("R19")
def test_valid_period_of_an_order_contract(tmp_path):
    periods = [(datetime(2026, 11, 1, 16, 0, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC)),
               (datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 11, 1, tzinfo=UTC))]  # fmt: skip
    lines = [order_line(n, service_start=start, service_end=end) for n, (start, end) in enumerate(periods)]
    text = text_of(snapshot(lines=lines), tmp_path, "-raw")
    assert "2026-11-02 to 2027-11-01" in text  # the start is past midnight in Shanghai
    assert "Asia/Shanghai (UTC+08:00)" in text


@pytest.mark.rule("R19")
@LANGUAGES
def test_one_off_goods_have_no_valid_period(language, tmp_path):
    line = order_line(service_start=None, service_end=None)
    text = text_of(snapshot(lines=[line], language=language), tmp_path)
    assert ("One-off goods" in text) == (language != "zh-hans")
    assert ("一次性商品，无服务期限" in text) == (language != "en")


@pytest.mark.rule("R19")
def test_valid_period_of_a_payment_request_contract(tmp_path):
    deadline = datetime(2026, 11, 25, 1, 2, 3, tzinfo=UTC)
    lines = [order_line(1, payment_deadline=deadline + timedelta(days=1)), order_line(2, payment_deadline=deadline)]
    text = text_of(snapshot(lines=lines, type="payment_request"), tmp_path, "-raw")
    assert "From the time of sealing until 2026-11-25 09:02:03" in text
    assert "2026-11-26 09:02:03" in text  # the other order's own deadline, in its row


def test_dates_are_the_accounts(tmp_path):
    late = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
    assert "2026-11-23" in text_of(snapshot(applied_at=late), tmp_path)
    text = text_of(snapshot(applied_at=late, time_zone=ZoneInfo("Europe/Berlin")), tmp_path)
    assert "Europe/Berlin." in text  # summer time: no one offset holds for all dates
    assert "2026-11-23" not in text


def test_details_that_were_not_given_are_left_out(tmp_path):
    person = Party(name="李雨桐", address="北京市", contact="李雨桐", phone="13800000000", email="li@example.cn")
    seller = replace(PARTY_B, bank="", bank_account="", tax_number="")
    text = text_of(snapshot(party_a=person, party_b=seller), tmp_path)
    for label in ("Tax number", "Bank", "Customer account No."):
        assert label not in text


@pytest.mark.parametrize(
    ("listed", "payable", "percentage"),
    [("100", "100", None), ("100", "95", "5%"), ("300", "199", "33.7%"), ("100", "0", "100%"), ("0", "0", None)],
)
def test_discount(listed, payable, percentage, tmp_path):
    line = order_line(list_amount=Decimal(listed), payable_amount=Decimal(payable), configuration="plain")
    text = text_of(snapshot(lines=[line]), tmp_path)
    assert re.findall(r"[\d.]+%", text) == ([percentage] if percentage else [])


def test_amounts_have_their_currencys_decimals(tmp_path):
    line = order_line(list_amount=Decimal(120000), payable_amount=Decimal(100000))
    text = text_of(snapshot(lines=[line], currency="JPY"), tmp_path)
    assert "JPY 100,000\n" in text
    assert "Japanese Yen One Hundred Thousand\n" in text


def test_metadata(tmp_path):
    pdf = render_draft(snapshot(language="both"))
    about = run_poppler("pdfinfo", pdf, tmp_path, "-isodates")
    assert re.search(r"Title: +订单合同 Order Contract EC7Q2M9XK4T8\n", about)
    assert re.search(r"Author: +Fir & Oak Cloud \(Shanghai\) Co., Ltd. 上海杉橡云计算有限公司\n", about)
    assert re.search(r"CreationDate: +2026-11-22T12:00:00\+08", about)
    assert re.search(r"Page size: +595.28 x 841.89 pts \(A4\)\n", about)
    assert b"/Lang (zh-Hans)" in pdf
    assert b"/Lang (en)" in render_draft(snapshot())


@pytest.mark.rule("R23")
@KINDS
@LANGUAGES
def test_the_same_snapshot_gives_the_same_bytes(kind, language):
    contract = snapshot(5, type=kind, language=language)
    first = render_draft(contract)
    render_draft(snapshot(2, language="both"))  # what was rendered in between leaves no trace
    assert render_draft(contract) == first
    assert render_draft(replace(contract, number="EC0000000000")) != first


def test_documents_rendered_at_the_same_time_are_the_same():
    contract = snapshot(10, language="both")
    expected = render_draft(contract)
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(render_draft, [contract] * 12)) == {expected}
