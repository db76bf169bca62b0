"""Names that the API does not know are refused, with a pointer to each: in bodies, nested ones too, and in queries."""

import json
from collections.abc import Iterator

import pytest

from orders.models import Order
from tests.api.conformance import problem, schema
from tests.api.test_feeding_orders import PATH, put
from tests.api.test_who_may_call_what import MATRIX, World
from tests.factories import PaidOrderFactory
from tests.undone import undone

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R46"), pytest.mark.usefixtures("clock", "issuer")]
INTEGRATORS = ("/api/v1/orders/import/", "/api/v1/orders/{number}/")
CALLS = sorted(MATRIX)
WITH_BODY = [call for call in CALLS if call[0] != "GET" and call[1] != "/api/v1/verify/"]
FREE = {"metadata", "approval_required_from"}
"""Objects whose members are the caller's own, or currencies."""


def is_integrators(path: str) -> bool:
    return path in INTEGRATORS or "/accounts/" in path


def pointers(answer) -> list[str]:
    return [error["pointer"] for error in problem(answer, 400, "invalid")["errors"]]


def test_every_call_refuses_a_parameter_that_it_does_not_have(api, integrator, membership, settings, subtests):
    world = World(membership, settings)
    for method, path in CALLS:
        caller = integrator if (method, path) != ("GET", INTEGRATORS[1]) and is_integrators(path) else api
        content = {"content_type": "application/json"} if path != "/api/v1/verify/" else {}
        with subtests.test(f"{method} {path}"), undone():
            answer = caller.client.generic(method, world.path(path) + "?verbose=1&shop=7", "", **content)
            assert pointers(answer) == ["/shop", "/verbose"]


def test_every_call_refuses_a_member_that_it_does_not_have_or_that_is_given_twice(
    api, integrator, membership, settings, subtests
):
    world = World(membership, settings)
    for method, path in WITH_BODY:
        given = world.body(method, path, role="owner")
        name, value = next(iter((given or {"remark": 1}).items()))
        twice = json.dumps(given or {"remark": 1})[:-1] + f", {json.dumps(name)}: {json.dumps(value)}}}"
        unknown = json.dumps(given | {"remark": 1, "a/b": None})
        caller = integrator if is_integrators(path) else api
        for body, pointed in ((unknown, ["/remark", "/a~1b"]), (twice, [f"/{name}"])):
            with subtests.test(f"{method} {path} {pointed}"), undone():
                world.prepare(method, path)
                answer = caller.client.generic(method, world.path(path), body, content_type="application/json")
                assert pointers(answer) == pointed


def with_unknown(given, pointer: str = "") -> Iterator[tuple[dict, str]]:
    """Yield the body with an unknown member in each of its inner objects in turn, and the pointer to it."""
    for name, value in given.items() if isinstance(given, dict) else enumerate(given):
        here = f"{pointer}/{name}"
        if name in FREE or not isinstance(value, dict | list):
            continue
        if isinstance(value, dict):
            yield replaced(given, name, value | {"remark": 1}), f"{here}/remark"
        yield from ((replaced(given, name, inner), inside) for inner, inside in with_unknown(value, here))


def replaced(given, name, value):
    copied = given.copy()
    copied[name] = value
    return copied


def test_a_member_within_another_is_refused_too(api, integrator, membership, settings, subtests):
    world, found = World(membership, settings), []
    for method, path in WITH_BODY:
        caller = integrator if is_integrators(path) else api
        for body, pointer in with_unknown(world.body(method, path, role="owner")):
            found.append(pointer)
            with subtests.test(f"{method} {path} {pointer}"), undone():
                answer = caller.client.generic(
                    method, world.path(path), json.dumps(body), content_type="application/json"
                )
                if path.endswith("/import/"):
                    [result] = answer.json()["results"]
                    assert [error["pointer"] for error in result["errors"]] == [pointer]
                else:
                    assert pointers(answer) == [pointer]
    assert {"/owner/remark", "/party_a/remark", "/product/remark", "/orders/0/product/remark"} <= set(found)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ('{"orders": [{}, {"product": {"a/b": 1, "a/b": 1}}]}', "/orders/1/product/a~1b"),
        ('{"orders": [{"region": 1, "region": 2}], "orders": []}', "/orders"),
        ('{"orders": [{"region": 1, "regi\\u006fn": 1}]}', "/orders/0/region"),
        ('[{"": 1, "": 1}]', "/0/"),
    ],
)
def test_a_member_that_is_given_twice_is_pointed_to_wherever_it_is(integrator, body, pointer):
    answer = integrator.client.generic("POST", "/api/v1/orders/import/", body, content_type="application/json")
    assert pointers(answer) == [pointer]


def test_a_repeated_member_nested_too_deep_to_point_to_is_refused(integrator):
    body = '{"a": 1, "a": ' + "[" * 800 + '{"b": 1, "b": 1}' + "]" * 800 + "}"
    answer = integrator.client.generic("POST", "/api/v1/orders/import/", body, content_type="application/json")
    assert problem(answer, 400, "invalid")


def test_an_application_names_each_member_that_is_not_known(api, membership):
    order = PaidOrderFactory(account=membership.account)
    party = {"adress": "1 Road", "contact": 7, "name": "Other Co"}
    answer = api.apply("order", order, remark="x", lang="en", party_a=party)
    assert pointers(answer) == ["/party_a/contact", "/party_a/adress", "/party_a/name", "/remark", "/lang"]


def test_a_status_is_not_changed_by_patching_it(api, membership):
    number = api.apply("order", PaidOrderFactory(account=membership.account)).json()["number"]
    assert pointers(api.patch(f"contracts/{number}/", {"remarks": "a", "status": "official"})) == ["/status"]
    assert api.get(f"contracts/{number}/").json()["remarks"] == ""


def test_a_parameter_that_is_given_twice_is_refused(api):
    assert pointers(api.client.get("/api/v1/contracts/?type=order&type=payment_request")) == ["/type"]


def test_a_form_holds_one_file_and_nothing_else(client):
    from django.core.files.uploadedfile import SimpleUploadedFile

    def file() -> SimpleUploadedFile:
        return SimpleUploadedFile("a.pdf", b"no PDF")

    assert pointers(client.post("/api/v1/verify/", {"file": file(), "code": "x"})) == ["/code"]
    assert pointers(client.post("/api/v1/verify/", {"file": [file(), file()]})) == ["/file"]


@pytest.mark.parametrize("change", [{}, {"paid_at": "2026-11-22T10:00:00+08:00", "status": "paid"}])
def test_an_order_is_sent_back_as_it_was_read(integrator, order_json, change):
    read = put(integrator, PATH, order_json | change).json()
    assert put(integrator, PATH, read).json() == read
    [listed] = integrator.get("orders/").json()["results"]
    [result] = integrator.post("orders/import/", {"orders": [listed]}).json()["results"]
    assert (result["outcome"], result["errors"]) == ("unchanged", [])


WRONG = [
    ({"payable_amount": "a lot"}, ["/payable_amount"]),
    ({"payable_amount": "a lot", "status": "paid", "paid_at": "2026-11-22T10:00:00+08:00"}, ["/payable_amount"]),
    ({"payable_amount": None}, ["/payable_amount"]),
    ({"paid_amount": "1"}, ["/paid_amount"]),
    ({"product": {"code": "", "name": "x"}}, ["/product/code"]),
    ({"product": {"name": "x", "sku": 1}}, ["/product/sku"]),
    ({"product": {}}, ["/product/code", "/product/name"]),
    ({"product": "ecs"}, ["/product"]),
    ({"colour": "red"}, ["/colour"]),
]


@pytest.mark.parametrize(("change", "expected"), WRONG)
def test_a_pointer_leads_into_the_body_that_was_sent(integrator, order_json, change, expected):
    assert pointers(put(integrator, PATH, order_json | change)) == expected
    [result] = integrator.post("orders/import/", {"orders": [order_json | change]}).json()["results"]
    assert [error["pointer"] for error in result["errors"]] == [f"/orders/0{pointer}" for pointer in expected]
    assert not Order.objects.exists()


def test_a_product_in_two_members_is_pointed_to_as_two(integrator, order_json):
    del order_json["product"]
    assert pointers(put(integrator, PATH, order_json | {"product_code": " "})) == ["/product_code", "/product/name"]


def test_a_number_that_is_in_the_address_alone_has_no_pointer(integrator, order_json):
    del order_json["number"]
    assert pointers(put(integrator, "orders/FO 1/", order_json)) == [""]


def test_the_description_says_which_bodies_are_strict():
    schemas = schema()["components"]["schemas"]

    def described(reference: dict) -> list[dict]:
        body = schemas[reference["$ref"].rsplit("/", 1)[1]]
        return [found for part in body["anyOf"] for found in described(part)] if "anyOf" in body else [body]

    operations = [operation for path in schema()["paths"].values() for operation in path.values()]
    bodies = [
        body
        for operation in operations
        for content in operation.get("requestBody", {}).get("content", {}).values()
        for body in described(content["schema"])
    ]
    assert len(bodies) >= 9
    assert all(body.get("additionalProperties") is False for body in bodies)
    assert schemas["PartyDetailsRequest"]["additionalProperties"] is False
