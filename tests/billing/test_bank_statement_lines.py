"""A bank statement as text: what can be read of it, and where the rest is wrong; nothing is lost."""

from datetime import date
from decimal import Decimal

import pytest

from billing.bank_statement_csv import MAX_STATEMENT_BYTES, MAX_STATEMENT_LINES, read_statement_lines
from common.errors import Refused

HEADER = "bank_reference,remittance_account,amount,currency,received_on,note\n"
GOOD = "CMB-1,1219 0000 0001,1234.50,cny,2026-11-22,Invoice 118\n"


def read(text):
    return read_statement_lines(text.encode() if isinstance(text, str) else text)


def refusal(content) -> Refused:
    with pytest.raises(Refused) as caught:
        read(content)
    return caught.value


def faults(text):
    _lines, found = read(text)
    return [(fault.line, fault.column) for fault in found]


def test_a_line_is_read_as_it_is_meant():
    [line], wrong = read(HEADER + GOOD)
    assert wrong == []
    assert (line.line, line.bank_reference, line.remittance_account) == (2, "CMB-1", "121900000001")
    assert (line.amount, line.currency) == (Decimal("1234.50"), "CNY")
    assert (line.received_on, line.note) == (date(2026, 11, 22), "Invoice 118")


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_line_ends_and_the_byte_order_mark_do_not_matter(ending, bom):
    lines, wrong = read(bom + (HEADER + GOOD + "\n" + GOOD).replace("\n", ending))
    assert [line.line for line in lines] == [2, 4]
    assert wrong == []


def test_columns_stand_in_any_order_and_the_optional_ones_may_be_missing():
    [line], wrong = read(" AMOUNT ,currency,Remittance_Account,bank_reference\n5,CNY,1,CMB-1\n")
    assert wrong == []
    assert (line.amount, line.bank_reference, line.received_on, line.note) == (5, "CMB-1", None, "")


def test_blank_lines_and_lines_of_commas_are_passed_over():
    lines, wrong = read(f"{HEADER}\n,,,,,\n  \n{GOOD}")
    assert [line.line for line in lines] == [5]
    assert wrong == []


def test_texts_in_quotation_marks_may_hold_commas_and_line_ends():
    lines, wrong = read(HEADER + 'CMB-1,1,5,CNY,,"a, ""b""\nc"\n' + GOOD)
    assert [(line.line, line.note) for line in lines] == [(2, 'a, "b" c'), (4, "Invoice 118")]
    assert wrong == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "The file is empty. Its first line must name the columns."),
        (GOOD, "missing columns: bank_reference, remittance_account, amount, currency; unknown columns"),
        (HEADER.replace("amount,", ""), "missing columns: amount"),
        (HEADER.replace("note", "remark"), "unknown columns: 'remark'"),
        (HEADER.replace("note", "amount"), "duplicate columns: amount"),
        (HEADER.replace(",", ";") + GOOD.replace(",", ";"), "separated by commas"),
        (HEADER.replace(",", "\t"), "separated by commas"),
        ('"bank_reference', "Line 1 is not valid CSV"),
        ((HEADER + "CMB-1,1,5,CNY,,Müller").encode("latin-1"), "Line 2 is not UTF-8 text"),
        (HEADER.encode("utf-16"), "Line 1 is not UTF-8 text"),
        (b"PK\x03\x04\xff a spreadsheet", "Line 1 is not UTF-8 text"),
        (b"%PDF-1.7\n", "unknown columns: '%pdf-1.7'"),
    ],
    ids=[
        *("empty", "no header", "a column missing", "an unknown column", "a column twice", "semicolons", "tabs"),
        *("open quotation mark", "latin-1", "utf-16", "spreadsheet", "pdf"),
    ],
)
def test_a_file_that_is_none_is_refused_with_what_to_do(content, said):
    refused = refusal(content)
    assert refused.code == "invalid"
    assert said in refused.detail


def test_a_file_that_is_too_large_is_refused():
    assert refusal(b"x" * (MAX_STATEMENT_BYTES + 1)).code == "too_large"
    assert refusal(HEADER + GOOD * (MAX_STATEMENT_LINES + 1)).detail == "The file has more than 5,000 lines."
    assert refusal(HEADER + "x\n" * (MAX_STATEMENT_LINES + 1)).code == "too_large"
    assert len(read(HEADER + GOOD * MAX_STATEMENT_LINES)[0]) == MAX_STATEMENT_LINES


@pytest.mark.parametrize(
    "amount", ["", "abc", "1,234.50", "1 234", "1e3", "+5", "5.", ".5", "NaN", "inf", "0x1", "１２", "5-", "￥5", "=5"]
)
def test_an_amount_is_digits_and_a_point(amount):
    assert faults(f'{HEADER}CMB-1,1,"{amount}",CNY,,\n') == [(2, "amount")]


@pytest.mark.parametrize("amount", ["-5", "0", "00012.50", "0.001", "9" * 20])
def test_what_the_amount_may_be_is_decided_by_its_account(amount):
    [line], wrong = read(f"{HEADER}CMB-1,1,{amount},CNY,,\n")
    assert (line.amount, wrong) == (Decimal(amount), [])


@pytest.mark.parametrize(
    "day", ["22.11.2026", "2026-13-01", "2026-11-31", "20261122", "2026-11-22 10:00", "2026-W47-1"]
)
def test_a_day_is_written_in_one_way(day):
    assert faults(f"{HEADER}CMB-1,1,5,CNY,{day},\n") == [(2, "received_on")]


def test_every_wrong_line_is_named_with_all_that_is_wrong_and_the_others_are_read():
    lines, wrong = read(
        HEADER
        + "CMB-1,1,five,CNY,soon,\n"
        + GOOD
        + "CMB-2,1,5\n"
        + "CMB-3,1,5,CNY,,a\x00b\n"
        + 'CMB-4,1,5,CNY,,"a"b\n'
        + GOOD
    )
    assert [line.line for line in lines] == [3, 7]
    assert [(f.line, f.column) for f in wrong] == [(2, "amount"), (2, "received_on"), (4, ""), (5, "note"), (6, "")]
    assert [fault.reason for fault in wrong][:3] == [
        "“five” is not an amount such as 1234.50.",
        "“soon” is not a date such as 2026-11-22.",
        "3 fields; the header has 6.",
    ]
    assert wrong[2].text == "CMB-2, 1, 5"


def test_a_quotation_mark_that_is_not_closed_is_named_where_it_opens():
    lines, wrong = read(HEADER + GOOD + 'CMB-2,1,5,CNY,,"open\n' + GOOD * 3)
    assert [line.line for line in lines] == [2]
    assert [(fault.line, fault.column) for fault in wrong] == [(3, "")]
    assert "Check for a missing or extra quotation mark" in wrong[0].reason


def test_what_is_shown_of_a_wrong_line_is_short():
    _lines, [wrong] = read(HEADER + "CMB-1,1,x,CNY,," + "long " * 5000)
    assert len(wrong.text) < 200
