"""What callers say in headers: schemes, codings, media types; what answers say of keeping them; and the last slash."""

import gzip

import pytest

from tests.api.conformance import problem
from tests.factories import PaidOrderFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "issuer")]


@pytest.mark.parametrize("scheme", ["Token", "token", "Bearer", "bearer", "BEARER"])
def test_a_token_is_sent_by_either_scheme(api, scheme):
    secret = api.client.defaults.get("HTTP_AUTHORIZATION") or api.client.headers["Authorization"]
    answer = api.client.get("/api/v1/account/", headers={"Authorization": f"{scheme} {secret.removeprefix('Token ')}"})
    assert answer.status_code == 200


@pytest.mark.parametrize("header", ["Bearer", "Bearer a b", "Basic eDp5", "Bearer x"])
def test_a_header_that_holds_no_token(client, header):
    problem(client.get("/api/v1/account/", headers={"Authorization": header}), 401, "not_authenticated")


@pytest.mark.parametrize("coding", ["gzip", "br", "GZIP", "gzip, identity"])
@pytest.mark.parametrize("path", ["contracts/", "verify/"])
def test_a_compressed_body_is_refused_as_such(api, coding, path):
    body = gzip.compress(b'{"type": "order", "order_numbers": []}')
    answer = api.client.post(
        f"/api/v1/{path}", body, content_type="application/json", headers={"Content-Encoding": coding}
    )
    problem(answer, 415, "unsupported_media_type")
    assert answer["Accept-Encoding"] == "identity"


def test_a_body_that_says_it_is_not_compressed(api):
    answer = api.post("contracts/", {"type": "order", "order_numbers": []}, **{"Content-Encoding": "identity"})
    problem(answer, 400, "no_orders")


@pytest.mark.parametrize(
    "accept",
    [
        "application/problem+json",
        "application/problem+json; q=0.5, text/html",
        "application/json, application/problem+json",
    ],
)
def test_who_accepts_problems_accepts_json(api, accept):
    answer = api.get("account/", Accept=accept)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    problem(api.get("orders/none/", Accept=accept), 404, "not_found")


@pytest.mark.parametrize(
    "path", ["account/", "orders/", "contracts/", "webhooks/", "verify/ABCD/", "nothing/", "contracts/?x=1", "schema/"]
)
@pytest.mark.parametrize("signed_in", [True, False])
def test_an_answer_may_be_kept_by_its_caller_who_asks_again_each_time(api, client, path, signed_in):
    answer = (api.client if signed_in else client).get(f"/api/v1/{path}")
    assert answer["Cache-Control"] == "private, no-cache"


def test_an_answer_that_nobody_foresaw_too(api, settings):
    assert api.client.get("/api/v1/orders/?" + "&" * 2000)["Cache-Control"] == "private, no-cache"
    assert api.client.get("/api/v1/orders/", headers={"Host": "elsewhere.example"})["Cache-Control"]


def test_an_answer_with_a_secret_is_stored_by_nobody(api, settings):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    made = api.post("webhooks/", {"url": "https://127.0.0.1:9/"})
    rotated = api.post(f"webhooks/{made.json()['id']}/rotate-secret/")
    for answer in (made, rotated):
        assert answer.json()["secret"]
        assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("path", ["contracts", "contracts/EC1", "orders/FO-1", "verify/ABCD", "schema", "orders/a%2Eb"])
def test_an_address_without_its_slash_leads_to_the_right_one(client, method, path):
    answer = getattr(client, method)(f"/api/v1/{path}?type=order&q=%E4%BA%91")
    assert (answer.status_code, answer["Location"]) == (
        301,
        f"/api/v1/{path.replace('%2E', '.')}/?type=order&q=%E4%BA%91",
    )


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_change_is_not_redirected_but_told_why_it_is_not_found(client, method):
    body = problem(getattr(client, method)("/api/v1/contracts"), 404, "not_found")
    assert "(/)" in body["detail"]


def test_the_slash_is_not_said_of_an_address_that_is_none(client):
    for path in ("/api/v1/nothing", "/api/v1", "/api", "/api/v1/contracts/EC1/nothing"):
        problem(client.get(path), 404, "not_found")


def test_an_answer_that_was_kept_is_asked_for_by_its_tag(api, membership):
    order = PaidOrderFactory(account=membership.account)
    first = api.get(f"orders/{order.number}/")
    again = api.get(f"orders/{order.number}/", **{"If-None-Match": first["ETag"]})
    assert (again.status_code, again["Cache-Control"]) == (304, "private, no-cache")
