"""Every request leaves one line in the log, under an id that its answer carries too."""

import re

import pytest
from django.db import OperationalError
from django.test import Client

from accounts.access.actors import actor_of
from tests import factories
from tests.lines import Lines

pytestmark = pytest.mark.django_db
GIVEN = "3f0c6f6e-8a39-4d53-9b0c-1d6f4d1a2b3c"


@pytest.fixture
def lines():
    with Lines() as lines:
        yield lines


def signed_in(membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    return client


def test_a_line_says_who_asked_for_what_and_how_it_went(lines, membership):
    answer = signed_in(membership).get("/orders/?q=secret")
    [line] = lines.of("config.requests")
    assert line.pop("ms") > 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", line.pop("time"))
    assert line == {
        "level": "info",
        "logger": "config.requests",
        "event": "request",
        "request_id": answer["X-Request-Id"],
        "method": "GET",
        "route": "/orders/",
        "status": 200,
        "user": membership.user.pk,
        "account": membership.account.number,
    }


def test_the_line_of_a_contract_names_it(lines, membership, api):
    contract = api.apply("order", factories.PaidOrderFactory(account=membership.account)).json()["number"]
    signed_in(membership).get(f"/contracts/{contract}/")
    api.get(f"contracts/{contract}/")
    api.post(f"contracts/{contract}/convert/")
    api.get("contracts/ZHANGSAN/")  # which nobody has
    drafted, page, read, converted, unknown = lines.of("config.requests")
    told = {(line["contract"], line["account"], line["user"]) for line in (drafted, page, read, converted)}
    assert told == {(contract, membership.account.number, membership.user.pk)}
    assert read["route"] == "/api/v1/contracts/<str:number>/"
    assert "contract" not in unknown
    assert "ZHANGSAN" not in lines.text


@pytest.mark.parametrize("path", ["/login/", "/api/v1/orders/", "/nowhere/", "/healthz"])
def test_a_sound_id_of_the_caller_is_kept(client, path):
    assert client.get(path, headers={"X-Request-Id": GIVEN})["X-Request-Id"] == GIVEN


@pytest.mark.parametrize("given", ["", "short", "a" * 65, "li@customer.example", "two\r\nlines of the log", "张三" * 8])
def test_any_other_is_replaced(client, given):
    made = client.get("/login/", headers={"X-Request-Id": given})["X-Request-Id"]
    assert re.fullmatch("[0-9a-f]{32}", made)


def test_probes_leave_no_line(lines, client):
    client.get("/healthz")
    client.get("/readyz")
    assert lines.of("config.requests") == []


def test_no_line_holds_what_was_not_there_to_be_found(lines, client):
    client.get("/nobody/zhang@customer.example/?q=zhang")
    client.generic("ZHANG", "/login/")
    client.get("/%00zhang")
    assert [(line["method"], line["route"], line["status"]) for line in lines.of("config.requests")] == [
        ("GET", "unknown", 404),
        ("other", "/login/", 405),
        ("GET", "unknown", 400),
    ]
    assert "zhang" not in lines.text.lower()


def broken(*_: object, **__: object) -> None:
    raise RuntimeError("zhang@customer.example is in row 7")


def test_a_fault_is_told_by_kind_and_place_and_the_page_quotes_its_id(lines, membership, monkeypatch):
    monkeypatch.setattr("contracts.views.listing.page_of", broken)
    visit = signed_in(membership)
    visit.raise_request_exception = False
    answer = visit.get("/contracts/")
    assert answer.status_code == 500
    assert f"<code>{answer['X-Request-Id']}</code>" in answer.text
    [fault] = lines.of("django.request")
    assert (fault["level"], fault["event"]) == ("error", "Internal Server Error: /contracts/")
    assert (fault["exception"], fault["request_id"]) == ("RuntimeError", answer["X-Request-Id"])
    assert re.fullmatch(r"tests/config/test_request_lines\.py:\d+ broken", fault["frames"][-1])
    assert "zhang" not in lines.text
    [line] = lines.of("config.requests")
    assert (line["level"], line["status"]) == ("error", 500)


def test_a_fault_of_the_api_is_a_problem_with_its_id(api, monkeypatch):
    monkeypatch.setattr("api.contracts.KeysetPagination", broken)
    visit = Client(raise_request_exception=False)
    answer = visit.get("/api/v1/contracts/", **api.client.defaults)
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert (answer.json()["code"], answer.json()["request_id"]) == ("internal_error", answer["X-Request-Id"])
    assert "zhang" not in answer.text


@pytest.mark.parametrize("path", ["contracts/EC404/", "nowhere/", "orders/?cursor=broken", "orders/%00/"])
def test_every_problem_of_the_api_says_its_id(api, path):
    answer = api.client.get(f"/api/v1/{path}")
    assert answer.status_code >= 400
    assert answer.json()["request_id"] == answer["X-Request-Id"]


def test_the_page_of_a_database_that_is_away_quotes_its_id(membership, monkeypatch):
    def away(*_: object) -> None:
        raise OperationalError

    visit = signed_in(membership)
    monkeypatch.setattr("accounts.access.member_page._chosen_membership", away)
    answer = visit.get("/orders/")
    assert answer.status_code == 503
    assert answer["X-Request-Id"] in answer.text


def test_one_request_leaves_nothing_to_the_next(lines, membership, client):
    signed_in(membership).get("/orders/")
    client.get("/login/")
    assert not {"user", "account"} & lines.of("config.requests")[-1].keys()


def test_a_refusal_is_told_by_its_code(lines, api, membership, settings):
    visit = signed_in(membership)
    contract = factories.official(actor_of(membership, "page"))
    api.apply("order", "FO-NOBODYS")
    api.get("contracts/EC404/")
    api.post("contracts/", {"type": "none"})
    visit.post(f"/contracts/{contract.number}/void/")
    visit.get("/orders/")
    visit.get("/nowhere/")
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    visit.post("/account/details/", {"address": "longer than ten bytes"})
    said = [(line["route"], line["status"], line.get("code")) for line in lines.of("config.requests")]
    assert said == [
        ("/api/v1/contracts/", 400, "order_not_found"),
        ("/api/v1/contracts/<str:number>/", 404, "not_found"),
        ("/api/v1/contracts/", 400, "invalid"),
        ("/contracts/<str:number>/void/", 409, "transition_not_allowed"),
        ("/orders/", 200, None),
        ("unknown", 404, None),
        ("unknown", 413, "too_large"),
    ]
