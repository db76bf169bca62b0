"""What is too large is refused by what it says of itself, before it is read into memory or onto the disk."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.access.actors import actor_of
from accounts.models import ApiToken
from contracts.verification.uploads import MAX_UPLOAD_BYTES
from tests import factories
from tests.emails.mail import somebody_of

pytestmark = pytest.mark.django_db
LIMIT = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=x"
SAID = "A request can be at most 8 MB"


class Watched(BytesIO):
    """A body of which it is known how much was held at once."""

    most = 0

    def read(self, size: int | None = -1) -> bytes:
        read = super().read(size)
        self.most = max(self.most, len(read))
        return read


def send(client: Client, path: str, kind: str, size: int, method: str = "POST", **more):
    body = Watched(b"a" * size)
    answer = client.generic(
        method, path, b"", **{"wsgi.input": body, "CONTENT_TYPE": kind, "CONTENT_LENGTH": str(size), **more}
    )
    return answer, body


@pytest.fixture
def owner(membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    return client


@pytest.mark.parametrize("kind", [FORM, PARTS, "application/json", "text/plain"])
@pytest.mark.parametrize(
    "path", ["/account/certification/", "/account/details/", "/login/", "/password/", "/contracts/"]
)
def test_a_page_refuses_what_is_too_large_and_holds_none_of_it(owner, path, kind):
    answer, body = send(owner, path, kind, LIMIT + 1)
    assert answer.status_code == 413
    assert SAID in answer.text
    assert answer["X-Request-Id"]
    assert 0 < body.most <= 64 * 1024
    assert body.tell() == LIMIT + 1  # read to its end, or a browser would show no answer


def test_so_does_the_back_office(issuer):
    for path in ("/admin/billing/ledgerentry/statement/", "/admin/login/"):
        answer, body = send(somebody_of("Finance"), path, PARTS, LIMIT + 1)
        assert (answer.status_code, body.most <= 64 * 1024) == (413, True)


def call(token: str, method: str, path: str, kind: str = "application/json", **more: str):
    answer, body = send(Client(), f"/api/v1/{path}", kind, LIMIT + 1, method, HTTP_AUTHORIZATION=token, **more)
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer["X-Request-Id"]
    return answer.status_code, answer.json()["code"], body.most


@pytest.mark.parametrize(("method", "path"), [("POST", "contracts/"), ("PATCH", "contracts/{}/")])
@pytest.mark.parametrize("key", [{}, {"HTTP_IDEMPOTENCY_KEY": "k1"}], ids=["", "key"])
def test_and_every_call_of_a_member(api, membership, method, path, key):
    token = api.client.defaults["HTTP_AUTHORIZATION"]
    path = path.format(factories.draft(actor_of(membership, "api")).number)
    assert call(token, method, path, **key) == (413, "too_large", 0)
    assert call(token, method, path, PARTS) == (415, "unsupported_media_type", 0)


@pytest.mark.parametrize(("method", "path"), [("PUT", "orders/FO1/"), ("POST", "orders/import/")])
def test_and_of_an_integrator(issuer, method, path):
    user = factories.UserFactory()
    user.user_permissions.add(Permission.objects.get(codename="integrate"))
    token = f"Token {ApiToken.for_integrator(user)[1]}"
    assert call(token, method, path) == (413, "too_large", 0)


def test_what_is_just_within_the_limit_is_looked_at(api):
    body = '{"type": "order", "order_numbers": ["FO1"'.ljust(LIMIT - 2) + "]}"  # each member within its own limit
    answer = api.client.post("/api/v1/contracts/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "order_not_found")


@pytest.mark.parametrize("path", ["/verify/", "/api/v1/verify/"])
def test_verification_takes_more_and_has_its_own_limit(client, path):
    assert client.post(path, {"file": SimpleUploadedFile("a.pdf", bytes(LIMIT + 1))}).status_code == 200
    answer, body = send(client, path, PARTS, MAX_UPLOAD_BYTES + 1024 * 1024)
    assert answer.status_code == 413
    assert body.most <= 64 * 1024


def test_a_body_without_a_length_counts_as_empty(owner):
    answer = owner.generic("POST", "/account/choose/", b"", content_type=FORM, CONTENT_LENGTH="")
    assert answer.status_code == 404


def test_a_licence_that_the_request_may_hold_and_the_rule_does_not(owner):
    factories.AccountFactory()
    licence = SimpleUploadedFile("licence.pdf", b"%PDF-1.7" + bytes(6 * 1024 * 1024))
    answer = owner.post("/account/certification/?kind=enterprise", {"name": "Ltd", "licence": licence})
    assert answer.status_code == 400
    assert "at most 5 MB" in answer.text


def test_the_proxy_lets_pass_what_we_have_an_answer_to():
    caddyfile = (Path(settings.BASE_DIR) / "deploy/Caddyfile").read_text()
    [megabytes] = re.findall(r"max_size (\d+)MB", caddyfile)
    assert int(megabytes) * 1000**2 > max(MAX_UPLOAD_BYTES, LIMIT) + 64 * 1024
