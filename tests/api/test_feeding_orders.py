"""The company's order system writes orders: one by PUT, or up to a thousand at once, each by itself."""

import json
import re

import pytest
from django.contrib.auth.models import Permission

from orders.facts import OPTIONAL
from orders.models import Order, Product
from tests.api.conformance import problem
from tests.conftest import Api
from tests.factories import MembershipFactory, OrderFactory, PaidOrderFactory
from tests.orders.sheets import PAID, UNPAID
from tests.orders.test_import_wrong_rows import WRONG

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
PATH = "orders/FO700000001/"


def put(api: Api, path: str, data: object, **headers: str):
    return api.client.put(f"/api/v1/{path}", data, content_type="application/json", headers=headers)


def test_an_order_is_created_then_updated_then_left_as_it_is(integrator, order_json, membership):
    created = put(integrator, PATH, order_json)
    assert created.status_code == 201, created.content
    assert created.json()["unpaid_amount"] == "2161.00"
    assert created.json()["payment_deadline"] == "2026-11-29T09:00:00+08:00"
    order = Order.objects.get()
    assert (order.account, order.quantity, order.product.name) == (membership.account, 2, "Elastic Compute")
    corrected = put(integrator, PATH, {**order_json, "configuration": "8 vCPU"})
    assert (corrected.status_code, corrected.json()["configuration"]) == (200, "8 vCPU")
    assert put(integrator, PATH, {**order_json, "configuration": "8 vCPU"}).json() == corrected.json()
    assert Order.objects.count() == 1


@pytest.mark.rule("R26")
def test_a_members_token_writes_no_orders_whatever_else_its_user_may_do(api, membership, order_json):
    membership.user.user_permissions.add(Permission.objects.get(codename="integrate"))
    problem(put(api, PATH, order_json), 403, "permission_denied")


def test_what_was_read_may_be_sent_back(integrator):
    order = PaidOrderFactory()
    read = integrator.get(f"orders/{order.number}/").json()
    answer = put(integrator, f"orders/{order.number}/", read)
    assert (answer.status_code, answer.json()) == (200, read)


@pytest.mark.rule("R6")
def test_a_new_product_is_closed_to_contracts(integrator, order_json):
    put(integrator, PATH, order_json)
    assert not Product.objects.get(code="ecs").supports_contracts


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({"payable_amount": "3000.00"}, ["/payable_amount"]),
        ({"list_amount": True, "quantity": [1]}, ["/quantity", "/list_amount"]),
        ({"account": "99999999"}, ["/account"]),
        ({"number": "FO1"}, ["/number"]),
        ({"colour": "red"}, ["/colour"]),
        ({"product": "ecs"}, ["/product"]),
        ({"ordered_at": "2026-11-22T09:00:00"}, ["/ordered_at"]),
        ({"status": "paid"}, ["/paid_at"]),
        ({"paid_amount": "1.00"}, ["/paid_amount"]),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_written(integrator, order_json, change, pointers):
    body = problem(put(integrator, PATH, order_json | change), 400, "invalid")
    assert [error["pointer"] for error in body["errors"]] == pointers
    assert not Order.objects.exists()
    assert not Product.objects.exists()


@pytest.mark.parametrize("white_space", ["%20", "%C2%A0", "%E3%80%80"])
def test_a_number_with_white_space_in_the_address_names_no_order(integrator, order_json, white_space):
    put(integrator, PATH, order_json)
    del order_json["number"]
    for address in (f"orders/FO700000001{white_space}/", f"orders/{white_space}FO700000001/"):
        body = problem(put(integrator, address, order_json | {"quantity": 9}), 400, "invalid")
        assert body["errors"][0]["pointer"] == "/number"
    assert Order.objects.get().quantity == 2


def test_an_omitted_optional_member_keeps_the_value_and_null_clears_it(integrator, order_json, monkeypatch):
    monkeypatch.setattr("orders.facts.OPTIONAL", (*OPTIONAL, "region"))
    put(integrator, PATH, order_json)
    without = {name: value for name, value in order_json.items() if name != "region"} | {"quantity": 3}
    kept = put(integrator, PATH, without).json()
    assert (kept["region"], kept["quantity"]) == ("Shanghai", 3)
    assert put(integrator, PATH, without | {"region": None}).json()["region"] == ""


def test_an_order_cannot_go_back(integrator, order_json):
    paid = order_json | {"status": "paid", "paid_at": "2026-11-22T10:00:00+08:00"}
    assert put(integrator, PATH, paid).status_code == 201
    body = problem(put(integrator, PATH, order_json), 409, "transition_not_allowed")
    assert body["errors"][0]["pointer"] == "/status"


def test_what_is_no_object_is_refused(integrator):
    problem(put(integrator, PATH, [1]), 400, "invalid")
    problem(integrator.post("orders/import/", {"orders": {}}), 400, "invalid")


def test_each_order_of_an_import_gets_its_result(integrator, order_json):
    numbered = [{**order_json, "number": f"FO70000000{i}"} for i in range(4)]
    put(integrator, "orders/FO700000000/", numbered[0])
    known, new, wrong = numbered[0], numbered[1], numbered[2] | {"currency": "XXX"}
    moved = OrderFactory(number="FO700000003")
    given = [known, new, wrong, numbered[3], new, "order", known | {"number": "FO700000004", "quantity": 3}]
    answer = integrator.post("orders/import/", {"orders": given})
    assert answer.status_code == 200
    results = answer.json()["results"]
    outcomes = [(result["number"], result["outcome"]) for result in results]
    assert outcomes == [
        ("FO700000000", "unchanged"),
        ("FO700000001", "created"),
        ("FO700000002", "failed"),
        ("FO700000003", "failed"),  # another account's
        ("FO700000001", "failed"),  # listed twice
        ("", "failed"),
        ("FO700000004", "created"),
    ]
    assert [error["pointer"] for result in results for error in result["errors"]] == [
        "/orders/2/currency",
        "/orders/3/account",
        "/orders/4/number",
        "/orders/5",
    ]
    assert Order.objects.count() == 4
    assert Order.objects.get(number="FO700000003").account == moved.account


def test_a_thousand_orders_at_once_and_not_one_more(integrator, order_json, django_assert_max_num_queries):
    orders = [{**order_json, "number": f"FO{800000000 + i}"} for i in range(1000)]
    with django_assert_max_num_queries(40):
        answer = integrator.post("orders/import/", {"orders": orders})
    assert [result["outcome"] for result in answer.json()["results"]] == ["created"] * 1000
    body = problem(integrator.post("orders/import/", {"orders": [*orders, order_json]}), 400, "too_many_orders")
    assert body["errors"][0]["pointer"] == "/orders"


@pytest.mark.parametrize("number", ["\\ud800", "\\u0000"])
def test_a_number_that_cannot_be_repeated_as_it_is_fails_by_itself(integrator, order_json, number):
    wrong = json.dumps({"orders": [order_json, order_json | {"number": "NUMBER"}]}).replace("NUMBER", number)
    answers = [
        integrator.client.post(
            "/api/v1/orders/import/", wrong, content_type="application/json", headers={"Idempotency-Key": "k"}
        )
        for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    results = [(result["number"], result["outcome"]) for result in answers[0].json()["results"]]
    assert results == [(order_json["number"], "created"), ("?", "failed")]


def test_what_is_wrong_with_an_order_is_said_in_the_language_that_was_asked_for(integrator, order_json):
    others = OrderFactory()
    wrong = [PAID | {column: text} for column, text, _ in WRONG]
    wrong += [UNPAID | {"number": ""}, UNPAID | {"payable_amount": "1200.01"}, UNPAID | {"paid_at": PAID["paid_at"]}]
    wrong += [UNPAID | {"currency": "JPY"}, order_json | {"account": "1"}, order_json | {"number": others.number}]
    answer = integrator.post("orders/import/", {"orders": wrong}, **{"Accept-Language": "zh-CN"})
    said = [error["detail"] for result in answer.json()["results"] for error in result["errors"]]
    assert len(said) >= len(wrong)
    assert [detail for detail in said if not re.search("[\u4e00-\u9fff]", detail)] == []


@pytest.mark.rule("R10")
def test_an_unpaid_row_does_not_revive_an_order_that_was_cancelled_at_its_deadline(integrator, order_json, clock):
    put(integrator, PATH, order_json)
    clock.move_to("2026-12-01T12:00:00+08:00")
    [result] = integrator.post("orders/import/", {"orders": [order_json]}).json()["results"]
    assert result["outcome"] == "unchanged"
    assert integrator.get(PATH).json()["status"] == "cancelled"


@pytest.mark.rule("R26")
def test_only_integrators_write_orders(api, order_json, membership):
    for client in (api, Api(MembershipFactory(account=membership.account, role="viewer"))):
        problem(put(client, PATH, order_json), 403, "permission_denied")
        problem(client.post("orders/import/", {"orders": [order_json]}), 403, "permission_denied")
    problem(Api().post("orders/import/", {"orders": [order_json]}), 401, "not_authenticated")
    assert not Order.objects.exists()
