"""A row that is wrong says in which column, and why."""

import pytest

from common.errors import Refused
from orders.facts import FACTS
from orders.importing import COLUMNS, read_row
from tests.orders.sheets import PAID, UNPAID

MAY_BE_EMPTY = {"paid_at", *(fact.name for fact in FACTS if fact.field.blank)}

WRONG = [
    ("number", "FO 1", "must consist of letters"),
    ("number", "FO//1", "has an empty part"),
    ("number", "import", "contains a reserved word"),
    ("number", "ä1", "must consist of letters"),
    ("number", "..", "begin with a letter"),
    ("number", "F" * 65, "At most 64 characters; 65 were given."),
    ("account", "1" * 33, "At most 32 characters"),
    ("account", "1000\x000001", "control character or line break (U+0000)"),
    ("product_code", "p" * 65, "At most 64 characters"),
    ("product_name", "云" * 201, "At most 200 characters"),
    ("product_name", "Elastic\tCompute", "U+0009"),
    ("configuration", "x" * 1001, "At most 1000 characters"),
    ("configuration", "2 vCPU\n4 GiB", "U+000A"),
    ("configuration", "\udcb2\udce2", "Not UTF-8 text."),
    ("region", "x" * 101, "At most 100 characters"),
    ("region", "a\u2028b", "U+2028"),
    ("kind", "lease", "'lease' is not a known kind (new, renewal, upgrade)."),
    ("status", "PAID", "'PAID' is not a known status (unpaid, paid, cancelled, refunded)."),
    ("currency", "cny", "'cny' is not the ISO 4217 code of a currency in use"),
    ("currency", "XYZ", "'XYZ' is not the ISO 4217 code of a currency in use"),
    ("currency", "￥", "not the ISO 4217 code of a currency in use"),
    ("quantity", "0", "'0' is not a whole number from 1"),
    ("quantity", "-1", "not a whole number"),
    ("quantity", "1.5", "not a whole number"),
    ("quantity", "２", "not a whole number"),
    ("quantity", "2147483648", "not a whole number"),
    ("quantity", "9" * 5000, "not a whole number"),
    ("list_amount", "a lot", "'a lot' is not an amount"),
    ("list_amount", "NaN", "'NaN' is not an amount"),
    ("list_amount", "Infinity", "not an amount"),
    ("list_amount", "1e3", "not an amount"),
    ("list_amount", "1,200.00", "not an amount"),
    ("list_amount", "１２００", "not an amount"),
    ("list_amount", "-1200.00", "'-1200.00' is negative."),
    ("list_amount", "1200.001", "'1200.001' has more than 2 decimals."),
    ("list_amount", "10000000000000.00", "is too large"),
    ("ordered_at", "yesterday", "'yesterday' is not a date and time"),
    ("ordered_at", "2026-11-31T09:30:00+08:00", "is not a date and time"),
    ("ordered_at", "2026-11-20T09:30:00", "'2026-11-20T09:30:00' has no UTC offset such as +08:00."),
    ("ordered_at", "2026-11-20", "has no UTC offset"),
    ("ordered_at", "9999-12-31T23:59:59Z", "The year 9999 is not between 1970 and 2199."),
    ("ordered_at", "0001-01-01T00:00:00+08:00", "The year 1 is not"),
    ("service_end", "2026-11-20T23:00:00+08:00", "The service ends before it starts."),
    ("service_end", "", "Give both the start and the end of the service period, or neither."),
    ("service_start", "", "Give both the start and the end of the service period, or neither."),
    ("paid_at", "2026-11-20T09:29:59+08:00", "The payment time is before the order time."),
    ("paid_at", "", "Required for an order that is paid."),
    ("paid_amount", "0.00", "0.00 does not match the status paid: expected 1080.50."),
    ("paid_amount", "500.00", "does not match the status"),
]


def faults_of(row):
    with pytest.raises(Refused) as refused:
        read_row(row)
    return [(fault.pointer, fault.detail) for fault in refused.value.faults]


@pytest.mark.parametrize("row", [PAID, UNPAID], ids=["paid", "unpaid"])
def test_a_sound_row_is_read(row):
    read = read_row(row)
    assert read.number == row["number"]
    assert read.facts["ordered_at"].isoformat() == "2026-11-20T01:30:00+00:00"


def test_nothing_is_nothing_whatever_its_sign():
    free = UNPAID | {"list_amount": "-0.00", "payable_amount": "0"}
    assert str(read_row(free).facts["list_amount"]) == "0.00"


@pytest.mark.parametrize(("column", "text", "reason"), WRONG)
def test_what_is_wrong_is_named(column, text, reason):
    [(pointer, detail)] = faults_of(PAID | {column: text})
    assert pointer == f"/{column}"
    assert reason in detail


@pytest.mark.parametrize("column", sorted(COLUMNS.keys() - MAY_BE_EMPTY))
@pytest.mark.parametrize("text", ["", "  ", None])
def test_a_required_column_may_not_be_empty(column, text):
    row = dict(PAID)
    del row[column]
    if text is not None:
        row[column] = text
    assert faults_of(row) == [(f"/{column}", "Required.")]


@pytest.mark.parametrize("column", ["configuration", "region"])
def test_other_texts_may_be_empty(column):
    assert read_row(PAID | {column: ""}).facts[column] == ""


@pytest.mark.rule("R33")
@pytest.mark.parametrize(
    ("status", "paid_amount", "paid_at", "column"),
    [
        ("unpaid", "1080.50", "", "paid_amount"),
        ("unpaid", "0.01", "", "paid_amount"),
        ("unpaid", "0.00", PAID["paid_at"], "paid_at"),
        ("paid", "1080.49", PAID["paid_at"], "paid_amount"),
        ("refunded", "1.00", PAID["paid_at"], "paid_amount"),
        ("refunded", "0.00", "", "paid_at"),
        ("cancelled", "1.00", PAID["paid_at"], "paid_amount"),
        ("cancelled", "1080.50", "", "paid_amount"),
    ],
)
def test_an_order_is_paid_in_full_or_not_at_all(status, paid_amount, paid_at, column):
    row = PAID | {"status": status, "paid_amount": paid_amount, "paid_at": paid_at}
    assert [pointer for pointer, _ in faults_of(row)] == [f"/{column}"]


def test_every_wrong_column_is_named_at_once():
    row = PAID | {"number": "", "quantity": "none", "ordered_at": "soon"}
    assert [pointer for pointer, _ in faults_of(row)] == ["/number", "/quantity", "/ordered_at"]


def test_nobody_pays_more_than_the_list_amount():
    said = "1200.01 is more than the list amount, 1200.00."
    assert faults_of(UNPAID | {"payable_amount": "1200.01"}) == [("/payable_amount", said)]


def test_yen_have_no_decimals():
    row = UNPAID | {"currency": "JPY", "list_amount": "1200.00"}
    assert faults_of(row) == [("/payable_amount", "JPY has no decimals.")]


def test_an_error_shows_no_more_than_the_beginning_and_nothing_that_a_terminal_obeys():
    [(_, detail)] = faults_of(PAID | {"kind": "\x1b[2J" + "x" * 10_000})
    assert len(detail) < 120
    assert "\x1b" not in detail
