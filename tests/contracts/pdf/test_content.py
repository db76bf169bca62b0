"""What a contract says is on its pages."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from common.money import amount_in_words, format_figure
from contracts.pdf import render_draft
from contracts.pdf.clauses import fill_clauses, get_variable_values
from contracts.pdf.labels import TEXTS, Labels, get_languages
from contracts.pdf.snapshot import ClauseText, Party, Remittance
from contracts.types import TYPES
from tests.contracts.pdf.reading import characters_of, lines_of, needs_poppler, pages_of_text, run_poppler, squeezed
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
    for each in get_languages(language):
        assert squeezed(amount_in_words(contract.total_amount, "USD", each)) in squeezed(text)


@KINDS
@LANGUAGES
def test_further_facts_are_printed_with_their_label(kind, language, tmp_path):
    lines = [order_line(1, details=(("reference", "CC-42"),)), order_line(2)]
    text = squeezed(text_of(snapshot(lines=lines, type=kind, language=language), tmp_path, "-raw"))
    assert squeezed(f"{Labels(language)('reference')} CC-42 | ") in text


@KINDS
@LANGUAGES
def test_parties_and_clauses(kind, language, tmp_path):
    contract = snapshot(3, type=kind, language=language)
    text = squeezed(text_of(contract, tmp_path, "-raw"))
    for party in (PARTY_A, PARTY_B):
        for value in (party.name, party.address, party.phone, party.email, party.bank, party.bank_account):
            assert squeezed(value) in text
    for each in get_languages(language):
        for clause in fill_clauses(
            TYPES[kind].clauses, each, bilingual=language == "both", **get_variable_values(contract)
        ):
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
    assert language_of(pdf) == "zh-Hans"
    assert language_of(render_draft(snapshot())) == "en"


def language_of(pdf):
    return str(PdfFileReader(BytesIO(pdf)).root["/Lang"])


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


@pytest.mark.rule("R39")
@pytest.mark.parametrize(
    ("language", "notice"),
    [
        ("en", "Without a valid electronic seal this is a draft."),
        ("zh-hans", "未加盖有效电子印章的，本文件仅为草稿。"),
        ("both", "未加盖有效电子印章的，本文件仅为草稿。Without a valid electronic seal this is a draft."),
    ],
)
def test_each_page_says_that_it_is_a_draft_without_a_seal(language, notice, tmp_path):
    pages = pages_of_text(render_draft(snapshot(20, language=language)), tmp_path)
    assert len(pages) > 2
    assert all(squeezed(notice) in squeezed(page) for page in pages)


def test_long_names_are_printed_whole(tmp_path):
    name = "长名公司" * 50
    parties = {key: replace(party, name=name) for key, party in (("party_a", PARTY_A), ("party_b", PARTY_B))}
    text = squeezed("".join(pages_of_text(render_draft(snapshot(**parties)), tmp_path, "-raw")))
    assert text.count(name) >= 2  # in the signatures; names side by side mix in the text of the parties
    assert "…" not in text


@pytest.mark.parametrize(
    ("number", "label"),
    [
        ("91110108MA01ABCD2X", "Unified social credit code"),
        ("GB123456789", "VAT ID"),
        ("DE 123 456 789", "VAT ID"),
        ("12-3456789", "Tax number"),
    ],
)
def test_a_tax_number_has_the_label_of_its_kind(number, label, tmp_path):
    parties = {"party_a": replace(PARTY_A, tax_number=number), "party_b": replace(PARTY_B, tax_number="")}
    page = squeezed(pages_of_text(render_draft(snapshot(**parties)), tmp_path, "-layout")[0])
    others = {"Unified social credit code", "VAT ID", "Tax number"} - {label}
    assert squeezed(label)[:19] in page
    assert not [other for other in others if squeezed(other)[:19] in page]


def test_a_verified_credit_code_is_printed_beside_another_tax_number_and_once_if_it_is_the_tax_number(tmp_path):
    for tax_number, count in (("GB123456789", 1), (PARTY_A.tax_number, 1)):
        party = replace(PARTY_A, credit_code="91110108MA01ABCD2X", tax_number=tax_number)
        page = pages_of_text(render_draft(snapshot(party_a=party)), tmp_path)[0]
        assert page.count("91110108MA01ABCD2X") == count


def test_legal_representative_and_place_of_signing_are_printed(tmp_path):
    party = replace(PARTY_A, legal_representative="王守诚", signing_place="北京市海淀区")
    text = squeezed("".join(pages_of_text(render_draft(snapshot(party_a=party)), tmp_path)))
    assert "王守诚" in text
    assert "Placeofsigning北京市海淀区" in text


@pytest.mark.rule("R13")
def test_the_remittance_account_is_printed_in_fours(tmp_path):
    account = Remittance("Payee", "Bank", "121900009999000000017", exclusive=True)
    text = "".join(pages_of_text(render_draft(snapshot(type="payment_request", remittance=account)), tmp_path))
    assert "1219 0000 9999 0000 0001 7" in text


@pytest.mark.parametrize(
    ("language", "text"), [("en", "Limitedtotheamount."), ("zh-hans", "以该订单金额为limited限。")]
)
def test_a_clause_that_is_set_apart_is_bold(language, text):
    clause = ClauseText("Liability", "Limited to the amount.", "违约责任", "以该订单金额为limited限。")

    def width(clause: ClauseText) -> float:
        [line] = [
            line for line in lines_of(render_draft(snapshot(clauses=(clause,), language=language))) if line.text == text
        ]
        return line.right - line.left

    assert width(clause._replace(set_apart=True)) > width(clause) + 0.5


@LANGUAGES
@KINDS
def test_body_text_has_at_least_seven_and_a_half_points(kind, language):
    lines = [order_line(n, unit="GB-Months", tax_rate=Decimal(13), tax_amount=Decimal(1)) for n in range(1, 5)]
    draft = render_draft(snapshot(lines=lines, type=kind, language=language))
    assert min(character.size for character in characters_of(draft) if character.text.strip()) >= 7.5
