"""Addresses and bodies that nobody types get an answer, on every database, and never an error of ours."""

from io import BytesIO

import pytest
from django.test import Client

from tests.api.conformance import problem

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address",
    [
        "/orders/%00/",
        "/orders/?q=%00",
        "/contracts/%00/",
        "/contracts/?q=%00",
        "/contracts/apply/order/?order=%00",
        "/verify/?code=%00",
        "/contracts/?since=0001-01-01&until=9999-12-31",
        "/contracts/apply/order/?since=0001-01-01&until=9999-12-31",
        f"/contracts/?page={'9' * 5000}",
        "/contracts/?page=-1&type=nothing&status=nothing",
    ],
)
def test_a_page(client, membership, address):
    client.force_login(membership.user)
    assert client.get(address).status_code in (200, 400, 404)


@pytest.mark.parametrize("nul", ["%00", "\0"])
def test_a_form_with_a_nul_character(client, membership, nul):
    client.force_login(membership.user)
    form = "application/x-www-form-urlencoded"
    assert client.post("/account/choose/", f"account={nul}", content_type=form).status_code == 400
    assert client.post("/contracts/apply/order/", f"order_numbers=FO1{nul}", content_type=form).status_code == 400


def test_a_form_of_several_parts_with_a_nul_character(client, membership):
    client.force_login(membership.user)
    assert client.post("/account/choose/", {"account": ["1", "\0"]}).status_code == 400
    assert client.post("/login/", {"username": "\0", "password": "p"}).status_code == 400


def test_a_query_with_a_nul_character_as_it_is(client, membership):
    client.force_login(membership.user)
    assert client.get("/orders/", QUERY_STRING="q=\0").status_code == 400


def test_a_cookie_with_a_nul_character(client):
    forged = client.get("/contracts/", headers={"cookie": r'sessionid="0123456789\000"'})
    assert forged.status_code == 400


def test_a_form_whose_sender_has_gone_is_no_error_of_ours(membership):
    class Gone(BytesIO):
        def read(self, *size: int) -> bytes:
            raise OSError("gone")

    client = Client(enforce_csrf_checks=True)
    client.force_login(membership.user)
    for form in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=b"):
        sent = {"CONTENT_TYPE": form, "CONTENT_LENGTH": "9", "wsgi.input": Gone()}
        assert client.request(REQUEST_METHOD="POST", PATH_INFO="/account/choose/", **sent).status_code == 403


@pytest.mark.parametrize("name", ["orders", "contracts"])
@pytest.mark.parametrize("cursor", ["garbage", "cD1nYXJiYWdl", "cD0lMDA=", "cD0yMDI2LTk5LTk5"])
def test_a_forged_cursor_is_not_found(api, name, cursor):
    problem(api.get(f"{name}/", {"cursor": cursor}), 404, "not_found")


@pytest.mark.parametrize(
    ("name", "first", "last"), [("orders", "from", "to"), ("contracts", "applied_from", "applied_to")]
)
def test_days_at_the_ends_of_the_calendar_bound_nothing(api, name, first, last):
    assert api.get(f"{name}/", {first: "0001-01-01", last: "9999-12-31"}).status_code == 200


def test_a_nul_character_in_an_address_of_the_api_is_a_problem(api):
    problem(api.get("orders/%00/"), 400, "invalid")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ('{"type": "\\ud800", "order_numbers": ["A"]}', "/type"),
        ('{"type": "order", "order_numbers": ["A"], "party_a": {"\\ud800": ["x"]}}', "/party_a/?"),
        ('{"type": "order", "order_numbers": ["A"], "party_a": {"a/b~c": ["x"]}}', "/party_a/a~1b~0c"),
    ],
)
def test_a_body_that_cannot_be_repeated_as_it_is(api, body, pointer):
    answer = api.client.post("/api/v1/contracts/", body, content_type="application/json")
    assert problem(answer, 400, "invalid")["errors"][0]["pointer"] == pointer


def test_json_nested_without_end(api):
    answer = api.client.post("/api/v1/contracts/", "[" * 100_000, content_type="application/json")
    problem(answer, 400, "invalid")


@pytest.mark.parametrize("key", ["", "k1"])
def test_a_body_too_large(api, key):
    body = '{"type": "order", "remarks": "' + "x" * 9_000_000 + '"}'
    headers = {"Idempotency-Key": key} if key else {}
    answer = api.client.post("/api/v1/contracts/", body, content_type="application/json", headers=headers)
    assert answer.status_code == 413
    assert answer["Content-Type"] == "application/problem+json"
