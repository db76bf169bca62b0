"""Whatever is sent, an answer names at most 200 faults and repeats little; lists are measured before they are read."""

import json
import tracemalloc

import pytest

from api import problems
from common.errors import Fault
from orders.models import Order
from tests.api.conformance import problem
from tests.api.test_feeding_orders import PATH, put
from tests.factories import PaidOrderFactory

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R46"), pytest.mark.usefixtures("clock", "issuer")]
MEGABYTE = 1024 * 1024
MAX_ANSWER_BYTES = 64 * 1024


def post(api, path: str, body: object):
    text = body if isinstance(body, str) else json.dumps(body)
    return api.client.post(f"/api/v1/{path}", text, content_type="application/json")


def test_two_million_copies_of_an_order_number_are_refused_in_a_few_bytes(api):
    numbers = ",".join(['"A"'] * 2_000_000)
    body = f'{{"type":"order","order_numbers":[{numbers}]}}'
    assert len(body) < 8 * MEGABYTE
    post(api, "contracts/", {})  # what is loaded by the first call of all
    tracemalloc.start()
    answer = post(api, "contracts/", body)
    _size, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert problem(answer, 400, "too_many_orders")["errors"][0]["pointer"] == "/order_numbers"
    assert len(answer.content) < 1000
    assert peak < 250 * MEGABYTE  # most of it the parsed list; it took 1.3 GB once


def test_one_order_too_many_is_refused_before_the_numbers_are_read(api):
    problem(post(api, "contracts/", {"type": "order", "order_numbers": [{}] * 201}), 400, "too_many_orders")
    problem(post(api, "contracts/", {"type": "order", "order_numbers": ["A"] * 201}), 400, "too_many_orders")


def test_every_order_at_fault_is_named(api):
    answer = post(api, "contracts/", {"type": "order", "order_numbers": [f"NONE{i}" for i in range(200)]})
    body = problem(answer, 400, "order_not_found")
    assert (len(body["errors"]), "errors_omitted" in body) == (200, False)


def test_two_hundred_faults_are_named_and_the_others_counted():
    body = problems.problem(409, "order_changed", "", [Fault("order_changed", f"Fault {i}.") for i in range(201)])
    assert (len(body["errors"]), body["errors_omitted"]) == (200, 1)


def test_every_contract_that_a_batch_cannot_take_is_named(api):
    numbers = [f"NONE{i}" for i in range(200)]
    body = problem(post(api, "contracts/batches/", {"action": "convert", "numbers": numbers}), 400, "invalid")
    assert [error["pointer"] for error in body["errors"]] == [f"/numbers/{i}" for i in range(200)]


def test_an_import_names_two_hundred_faults_and_counts_the_others(integrator, order_json):
    wrong = [order_json | {"number": f"FO{i}", "quantity": 0, "region": 7.5, "kind": "x"} for i in range(400)]
    answer = post(integrator, "orders/import/", {"orders": [*wrong, order_json]}).json()
    assert [result["outcome"] for result in answer["results"]] == ["failed"] * 400 + ["created"]
    assert sum(len(result["errors"]) for result in answer["results"]) == 200
    assert answer["errors_omitted"] == 600
    answer = post(integrator, "orders/import/", {"orders": wrong[:3]}).json()
    assert "errors_omitted" not in answer


LONG = "x" * MEGABYTE
OVERLONG = [
    {"type": LONG},
    {"type": "order", "order_numbers": [LONG]},
    {"type": "order", "order_numbers": [], "remarks": LONG},
    {"type": "order", "order_numbers": [], "party_a": {LONG: "1"}},
    {"type": "order", "order_numbers": [], "party_a": {"address": LONG}},
    {LONG: 1},
    {f"member{i}": i for i in range(50_000)},
    {"type": "order", "order_numbers": [], "party_a": {f"member{i}": i for i in range(50_000)}},
]


@pytest.mark.parametrize("body", OVERLONG, ids=range(len(OVERLONG)))
def test_what_is_too_long_or_too_many_is_not_repeated(api, body):
    answer = post(api, "contracts/", body)
    problem(answer, 400, "invalid")
    assert len(answer.content) < MAX_ANSWER_BYTES


@pytest.mark.parametrize(
    "change",
    [
        {"number": LONG},
        {"account": LONG},
        {"kind": LONG},
        {LONG: 1},
        {"product": {LONG: 1}},
        {f"member{i}": i for i in range(50_000)},
        {"product": {f"member{i}": i for i in range(50_000)}},
    ],
    ids=range(7),
)
def test_nor_is_it_of_a_fed_order(integrator, order_json, change):
    for answer in (
        put(integrator, PATH, order_json | change),
        post(integrator, "orders/import/", {"orders": [order_json | change]}),
    ):
        assert answer.status_code in (200, 400)
        assert len(answer.content) < MAX_ANSWER_BYTES
    assert not Order.objects.exists()


def test_the_types_of_an_endpoint_are_counted_before_they_are_read(api):
    body = problem(post(api, "webhooks/", {"url": "https://x.example/", "event_types": [{}] * 51}), 400, "invalid")
    assert [error["pointer"] for error in body["errors"]] == ["/event_types"]


def test_as_many_orders_as_a_contract_holds_are_accepted(api, membership):
    orders = [PaidOrderFactory(account=membership.account) for _ in range(3)]
    assert api.apply("order", *orders).status_code == 201


def test_members_are_counted_before_they_are_named(api):
    known = {"type": "order", "order_numbers": ["FO1"]}
    allowed = problem(post(api, "contracts/", known | {f"member{i}": i for i in range(98)}), 400, "invalid")
    assert len(allowed["errors"]) == 98
    refused = problem(post(api, "contracts/", known | {f"member{i}": i for i in range(99)}), 400, "invalid")
    assert [error["detail"] for error in refused["errors"]] == ["At most 100 members; 101 were given."]
