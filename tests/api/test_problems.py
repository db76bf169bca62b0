"""Whatever is wrong with a call of the API, the answer is a problem with a stable code, and never a page (RFC 9457)."""

import json
from datetime import timedelta
from wsgiref.util import setup_testing_defaults

import pytest
from django.test import Client

from accounts.models import ApiToken
from tests.api.conformance import problem
from tests.api.conftest import Application
from tests.factories import PaidOrderFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("issuer")]
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
UNKNOWN = [
    "/api/",
    "/api/v1",
    "/api/v1/",
    "/api/v2/contracts/",
    "/api/v1/nothing/",
    "/api/v1/contracts/EC1/nothing/",
    "/api/v1/contracts/EC%2F1/",
    "/api/v1/webhooks/seven/",
    "/api/v1/webhooks/%0A/",
]


@pytest.mark.parametrize("path", UNKNOWN)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_an_address_that_is_none(client, method, path):
    problem(client.generic(method, path, "{}" if method == "POST" else "", JSON), 404, "not_found")


@pytest.mark.parametrize("path", UNKNOWN)
def test_an_address_that_is_none_asked_for_its_head(client, path):
    answer = client.head(path)
    assert (answer.status_code, answer["Content-Type"], answer.content) == (404, "application/problem+json", b"")


@pytest.mark.parametrize(
    "path",
    [
        "contracts/EC00000000000/",
        "contracts/EC00000000000/document/",
        "contracts/%FF/",
        "orders/FO0/",
        "orders/a%0Ab/",
        "webhooks/7/",
        f"webhooks/{'9' * 40}/",
        "verify/ABCD-EFGH/",
    ],
)
def test_a_number_that_is_none_names_no_model_of_ours(api, path):
    assert "matches the given query" not in problem(api.get(path), 404, "not_found")["detail"]


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("contracts/", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("contracts/EC00000000000/convert/", {"OPTIONS", "POST"}),
        ("orders/FO0/", {"GET", "HEAD", "OPTIONS", "PUT"}),
        ("verify/", {"OPTIONS", "POST"}),
        ("schema/", {"GET", "HEAD", "OPTIONS"}),
        ("docs/", {"GET", "HEAD", "OPTIONS"}),
    ],
)
@pytest.mark.parametrize("method", ["DELETE", "TRACE", "BREW"])
def test_a_method_that_the_address_does_not_have(api, method, path, allowed):
    answer = api.client.generic(method, f"/api/v1/{path}")
    problem(answer, 405, "method_not_allowed")
    assert set(answer["Allow"].split(", ")) == allowed


def test_options_say_which_methods_there_are(api):
    answer = api.client.options("/api/v1/contracts/")
    assert answer.status_code == 200
    assert set(answer["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}
    problem(Client().options("/api/v1/contracts/"), 401, "not_authenticated")


@pytest.mark.parametrize("path", ["contracts/", "contracts/EC00000000000/", "contracts/?page_size=0", "schema/"])
@pytest.mark.parametrize("signed_in", [True, False])
def test_the_head_is_that_of_the_whole_answer(api, client, path, signed_in):
    client = api.client if signed_in else client
    whole, head = client.get(f"/api/v1/{path}"), client.head(f"/api/v1/{path}")
    for answer in (whole, head):
        del answer["X-Request-Id"], answer["RateLimit"], answer["Content-Security-Policy"]  # not in one order
    assert (head.status_code, head.headers, head.content) == (whole.status_code, whole.headers, b"")


@pytest.mark.parametrize("accept", ["text/html", "application/xml, image/*", "garbage"])
@pytest.mark.parametrize("path", ["contracts/", "verify/ABCD/", "schema/"])
def test_an_answer_that_there_is_not(api, path, accept):
    problem(api.get(path, Accept=accept), 406, "not_acceptable")


def test_the_kind_of_answer_is_asked_for_by_header_alone(api):
    body = problem(api.get("orders/", {"format": "xml"}), 400, "invalid")
    assert body["errors"][0]["pointer"] == "/format"


@pytest.mark.parametrize("content_type", ["text/plain", FORM, "multipart/form-data; boundary=x", "garbage", ""])
def test_a_body_of_another_kind(api, content_type):
    answer = api.client.post("/api/v1/contracts/", "type=order", content_type=content_type)
    problem(answer, 415, "unsupported_media_type")
    problem(api.client.post("/api/v1/verify/", "{}", content_type=JSON), 415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"{", "line 1, column 2"),
        (b'{"type":\n"order",}', "line 2, column"),  # of the comma or behind it, by the version of Python
        (b'{"type": NaN}', ""),
        (b'{"type": "\xff"}', "UTF-8"),
        (b"[" * 100_000, "nested"),
    ],
)
def test_a_body_that_is_no_json(api, body, where):
    answer = api.client.post("/api/v1/contracts/", body, content_type=JSON)
    assert where in problem(answer, 400, "invalid")["detail"]


@pytest.mark.parametrize("body", ["[]", "null", "1", '"type"'])
def test_json_that_is_no_object(api, body):
    problem(api.client.post("/api/v1/contracts/", body, content_type=JSON), 400, "invalid")


CHARSETS = ["latin-1", "utf-16", "rot13", "zlib", "base64", "idna", "utf-7", "nonsense", "a\x00", ""]


@pytest.mark.parametrize("charset", CHARSETS)
@pytest.mark.parametrize("query", ["", "q=a%20b", "&" * 2000])
def test_a_charset_that_is_not_utf8(application, charset, query):
    """Django reads the address by it, and breaks over some, before any middleware; JSON has but one (RFC 8259, 8.1)."""
    kind = f"{JSON}; charset={charset}"
    status, headers, body = served(application, "/api/v1/contracts/", CONTENT_TYPE=kind, QUERY_STRING=query)
    assert (status, headers["Content-Type"]) == (400, "application/problem+json")
    assert "UTF-8" in json.loads(body)["detail"]
    assert served(application, "/verify/", CONTENT_TYPE=kind, QUERY_STRING=query)[0] == 400


def served(application: Application, path: str, **environ: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body as a server gets them, that has no test client before it."""
    environ |= {"PATH_INFO": path, "HTTP_HOST": "127.0.0.1"}
    setup_testing_defaults(environ)
    begun = []
    answer = application(environ, lambda status, headers: begun.append((int(status[:3]), dict(headers))))
    return *begun[0], b"".join(answer)


@pytest.mark.parametrize("charset", ["utf-8", "UTF8", '"utf-8"', "us-ascii"])
def test_a_charset_that_is(api, charset):
    answer = api.client.generic("POST", "/api/v1/contracts/", b"{}", f"{JSON}; charset={charset}")
    assert [error["pointer"] for error in problem(answer, 400, "invalid")["errors"]] == ["/type", "/order_numbers"]


def test_a_body_that_is_too_large(api, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    large = '{"remarks": "' + "x" * 1000 + '"}'
    for headers in ({}, {"Idempotency-Key": "k"}):
        answer = api.client.post("/api/v1/contracts/", large, content_type=JSON, headers=headers)
        problem(answer, 413, "too_large")
    problem(api.client.post("/api/v1/contracts/", "a=" + large, content_type=FORM), 415, "unsupported_media_type")


@pytest.mark.parametrize(
    "header",
    ["", "Token", "Token ", "Token nonsense", "Token a b c", "Token \xff\xfe", "token", "Bearer x", "x" * 5000],
)
def test_a_token_that_is_none(client, header):
    answer = client.get("/api/v1/contracts/", headers={"Authorization": header})
    problem(answer, 401, "not_authenticated")
    assert answer["WWW-Authenticate"] == "Token"


def test_a_token_that_has_expired_or_was_revoked(client, membership, clock):
    _, secret = ApiToken.for_member(membership, expires_in=timedelta(hours=1))
    headers = {"Authorization": f"Token {secret}"}
    assert client.get("/api/v1/account/", headers=headers).status_code == 200
    clock.shift(timedelta(hours=2))
    answer = client.get("/api/v1/account/", headers=headers)
    problem(answer, 401, "not_authenticated")
    assert answer["WWW-Authenticate"] == "Token"
    other, secret = ApiToken.for_member(membership)
    other.delete()
    problem(client.get("/api/v1/account/", headers={"Authorization": f"Token {secret}"}), 401, "not_authenticated")


@pytest.mark.parametrize("name", ["orders", "contracts", "webhooks"])
def test_a_parameter_that_a_list_does_not_have(api, name):
    body = problem(api.get(f"{name}/", {"page": "2", "applied_form": "2026-11-22"}), 400, "invalid")
    assert [error["pointer"] for error in body["errors"]] == ["/applied_form", "/page"]


@pytest.mark.parametrize("name", ["orders", "contracts", "webhooks"])
@pytest.mark.parametrize("size", ["0", "-1", "201", "many", "1.5", "9" * 5000])
def test_a_page_of_no_size(api, name, size):
    body = problem(api.get(f"{name}/", {"page_size": size}), 400, "invalid")
    assert body["errors"][0]["pointer"] == "/page_size"


@pytest.mark.parametrize("name", ["orders", "contracts", "webhooks"])
def test_a_cursor_that_is_none(api, name):
    problem(api.get(f"{name}/", {"cursor": "garbage"}), 404, "not_found")


def test_parameters_that_are_empty_are_as_none(api, membership):
    PaidOrderFactory(account=membership.account)
    given = dict.fromkeys(("eligible_for", "product", "from", "to", "status", "cursor", "page_size"), "")
    assert len(api.get("orders/", given).json()["results"]) == 1


@pytest.mark.parametrize("value", [0, 1.5, True, ["a"], None])
def test_text_is_text(api, membership, value):
    number = api.apply("order", PaidOrderFactory(account=membership.account)).json()["number"]
    body = problem(api.patch(f"contracts/{number}/", {"remarks": value}), 400, "invalid")
    assert body["errors"][0]["pointer"] == "/remarks"


def test_more_parameters_than_anybody_needs(api):
    problem(api.client.get("/api/v1/contracts/?" + "&" * 2000), 400, "invalid")


def test_a_key_with_a_control_character(api):
    problem(api.post("contracts/", {}, **{"Idempotency-Key": "a\x00"}), 400, "invalid")


def test_a_host_that_is_not_ours(client):
    problem(client.get("/api/v1/contracts/", headers={"Host": "elsewhere.example"}), 400, "invalid")


def test_an_error_of_ours(client, monkeypatch):
    monkeypatch.setattr("api.verify.verdict_of_code", lambda code: 1 // 0)
    client.raise_request_exception = False
    problem(client.get("/api/v1/verify/ABCD/"), 500, "internal_error")


@pytest.mark.parametrize("language", ["zh", "zh-CN", "zh-Hans", "zh-CN,zh;q=0.9,en;q=0.8"])
def test_sentences_are_in_the_language_that_was_asked_for(api, client, language):
    wanted = {"Accept-Language": language}
    post = api.client.post
    answers = [
        client.get("/api/v1/nothing/", headers=wanted),
        client.get("/api/v1/contracts/", headers=wanted),
        client.get("/api/v1/contracts/?q=%00", headers=wanted),
        api.client.get("/api/v1/contracts/?" + "&" * 2000, headers=wanted),
        client.get("/api/v1/contracts/", headers=wanted | {"Authorization": "Token x"}),
        api.get("contracts/EC00000000000/", **wanted),
        api.get("contracts/", {"page": "2"}, **wanted),
        api.get("contracts/", {"page_size": "0"}, **wanted),
        api.get("contracts/", {"cursor": "garbage"}, **wanted),
        api.post("contracts/", {}, **wanted, **{"Idempotency-Key": "a\x00"}),
        api.get("contracts/", Accept="text/html", **wanted),
        api.client.delete("/api/v1/contracts/", headers=wanted),
        post("/api/v1/contracts/", "{", content_type=JSON, headers=wanted),
        post("/api/v1/contracts/", "{}", content_type=JSON, headers=wanted),
        post("/api/v1/contracts/", "{}", content_type="text/plain", headers=wanted),
        client.get("/api/v1/contracts/", CONTENT_TYPE=f"{JSON}; charset=latin-1", headers=wanted),
        post("/api/v1/verify/", "x", content_type="multipart/form-data", headers=wanted),
        post("/api/v1/verify/", "x", content_type="multipart/form-data; boundary=x", headers=wanted),
        client.get("/api/v1/contracts/", headers=wanted | {"Host": "elsewhere.example"}),
    ]
    for answer in answers:
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["code"].isascii()
        assert any("一" <= character <= "鿿" for character in answer.json()["detail"]), answer.content.decode()
