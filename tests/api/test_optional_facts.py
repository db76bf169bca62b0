"""Facts that an order system may state: unit, tax, deadline, cost centre, ids, invoices and metadata (R10, R35)."""

from datetime import datetime
from decimal import Decimal

import pytest

from orders.models import Order
from tests.api.conformance import problem
from tests.api.test_feeding_orders import PATH, put
from tests.orders.sheets import UNPAID, run, sheet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
STATED = {
    "unit": "GB-Months",
    "cost_center": "R&D-4100",
    "tax_rate": "13",
    "tax_amount": "248.61",
    "payment_deadline": "2026-12-22T09:00:00+08:00",
    "external_id": "sub_1",
    "invoice_numbers": ["25310000001", "25310000002"],
    "metadata": {"contract": "K-12", "approver": "李雷"},
}


def test_stated_facts_are_stored_shown_and_may_be_sent_back(integrator, order_json):
    created = put(integrator, PATH, order_json | STATED)
    assert created.status_code == 201, created.content
    assert created.json() | STATED == created.json()
    order = Order.objects.get()
    assert (order.unit, order.tax_rate, order.net_amount) == ("GB-Months", Decimal(13), Decimal("1912.39"))
    back = put(integrator, PATH, created.json())
    assert (back.status_code, back.json()) == (200, created.json())


def test_omitted_facts_keep_their_value_and_null_clears_them(integrator, order_json):
    put(integrator, PATH, order_json | STATED)
    kept = put(integrator, PATH, order_json | {"quantity": 3}).json()
    assert kept | STATED == kept
    cleared = put(integrator, PATH, order_json | dict.fromkeys(STATED)).json()
    empty = {"unit": "", "cost_center": "", "external_id": "", "tax_rate": None, "tax_amount": None}
    empty |= {"invoice_numbers": [], "metadata": {}, "payment_deadline": "2026-11-29T09:00:00+08:00"}
    assert cleared | empty == cleared


def test_a_file_states_them_too(membership, tmp_path):
    membership.account.number = UNPAID["account"]
    membership.account.save()
    row = UNPAID | {"unit": "台", "tax_rate": "8.8750", "tax_amount": "88.08", "invoice_numbers": '["A-1"]'}
    row |= {"metadata": '{"key": "值"}', "payment_deadline": "2026-11-21T09:30:00+08:00"}
    run(sheet(tmp_path, row, columns=tuple(row)))
    order = Order.objects.get()
    assert (order.unit, order.tax_rate, order.tax_amount) == ("台", Decimal("8.875"), Decimal("88.08"))
    assert (order.invoice_numbers, order.metadata) == (["A-1"], {"key": "值"})
    assert order.payment_deadline == datetime.fromisoformat(row["payment_deadline"])


PAIRS = {f"key{n}": "value" for n in range(21)}
WRONG = [
    ({"unit": "u" * 17}, ["/unit"]),
    ({"cost_center": "c" * 65}, ["/cost_center"]),
    ({"external_id": "i" * 129}, ["/external_id"]),
    ({"external_id": "a\nb"}, ["/external_id"]),
    *(({"tax_rate": rate}, ["/tax_rate"]) for rate in ("-1", "100.01", "1.00001", "1e1", "NaN", "x", "1" * 50)),
    ({"tax_amount": "-1.00"}, ["/tax_amount"]),
    ({"tax_amount": "248.615"}, ["/tax_amount"]),
    ({"tax_amount": None}, ["/tax_amount"]),
    ({"tax_rate": None}, ["/tax_rate"]),
    ({"tax_amount": "248.63"}, ["/tax_amount"]),
    ({"tax_amount": "248.60"}, ["/tax_amount"]),
    ({"payment_deadline": "2026-11-22T09:00:00+08:00"}, ["/payment_deadline"]),
    ({"payment_deadline": "2027-11-23T09:00:01+08:00"}, ["/payment_deadline"]),
    ({"payment_deadline": "2026-12-22"}, ["/payment_deadline"]),
    *(({"metadata": value}, ["/metadata"]) for value in (PAIRS, {"": "v"}, {"k" * 41: "v"}, {"k": "v" * 501})),
    *(({"metadata": value}, ["/metadata"]) for value in ({"k": 1}, {"k": {}}, [], [["k", "v"]], "{}", 1, {"a\0": ""})),
    *(({"metadata": value}, ["/metadata"]) for value in ({"k": "a", "k ": "b"}, {"k": "\ud800"})),
    *(({"invoice_numbers": value}, ["/invoice_numbers"]) for value in ([""], ["n" * 65], ["1"] * 21, {}, "[]", [1])),
    ({"invoice_numbers": "A-1", "metadata": [1]}, ["/invoice_numbers", "/metadata"]),
]


@pytest.mark.rule("R35")
@pytest.mark.parametrize(("change", "pointers"), WRONG, ids=str)
def test_what_is_wrong_is_named_and_nothing_is_written(integrator, order_json, change, pointers):
    body = problem(put(integrator, PATH, order_json | STATED | change), 400, "invalid")
    assert [error["pointer"] for error in body["errors"]] == pointers
    assert not Order.objects.exists()


@pytest.mark.rule("R35")
@pytest.mark.parametrize("tax", ["248.61", "248.62"])
def test_the_tax_may_be_rounded_up_or_down(integrator, order_json, tax):
    assert put(integrator, PATH, order_json | STATED | {"tax_amount": tax}).status_code == 201


@pytest.mark.rule("R35")
@pytest.mark.parametrize(
    ("currency", "payable", "tax", "right"),
    [
        ("JPY", "1130", "130", True),
        ("JPY", "1130", "131", False),
        ("KWD", "1.130", "0.130", True),
        ("KWD", "1.130", "0.131", False),
    ],
)
def test_sums_hold_to_the_currencys_own_minor_unit(integrator, order_json, currency, payable, tax, right):
    order = order_json | {"currency": currency, "list_amount": payable, "payable_amount": payable}
    answer = put(integrator, PATH, order | {"tax_rate": "13", "tax_amount": tax})
    assert answer.status_code == (201 if right else 400)


@pytest.mark.rule("R35")
def test_a_corrected_amount_must_agree_with_the_stored_tax(integrator, order_json):
    put(integrator, PATH, order_json | STATED)
    body = problem(put(integrator, PATH, order_json | {"payable_amount": "1000.00"}), 400, "invalid")
    assert [error["pointer"] for error in body["errors"]] == ["/payable_amount"]
    assert "expected 115.04" in body["errors"][0]["detail"]
    assert Order.objects.get().payable_amount == Decimal("2161.00")
    corrected = order_json | {"payable_amount": "1000.00", "tax_amount": "115.04"}
    assert put(integrator, PATH, corrected).status_code == 200


@pytest.mark.rule("R10")
def test_a_stated_deadline_stays_and_a_default_one_follows_the_order_time(integrator, order_json):
    earlier = {"ordered_at": "2026-11-21T09:00:00+08:00"}
    put(integrator, PATH, order_json)
    assert put(integrator, PATH, order_json | earlier).json()["payment_deadline"] == "2026-11-28T09:00:00+08:00"
    put(integrator, PATH, order_json | STATED)
    assert put(integrator, PATH, order_json | earlier).json()["payment_deadline"] == STATED["payment_deadline"]
    late = order_json | {"ordered_at": "2025-12-01T09:00:00+08:00"}
    problem(put(integrator, PATH, late), 400, "invalid")  # more than a year before the stated deadline


@pytest.mark.rule("R10")
def test_an_order_stays_unpaid_until_its_stated_deadline(integrator, order_json, clock):
    put(integrator, PATH, order_json | STATED)
    order, deadline = Order.objects.get(), datetime.fromisoformat(STATED["payment_deadline"])
    clock.move_to(datetime.fromisoformat("2026-12-22T08:59:59+08:00"))
    assert order.status_on(datetime.fromisoformat("2026-12-22T08:59:59+08:00")) == "unpaid"
    assert order.status_on(deadline) == "cancelled"
