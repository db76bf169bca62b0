"""What a scanner that only looks would look at: every page, as seen by nobody, an owner and staff, over https."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.access.actors import actor_of
from accounts.models import ApiToken
from contracts import services
from tests import factories
from tests.config.test_headers import EXPECTED
from tests.contracts.back_office.marks import Marks
from tests.contracts.back_office.office import open_office, someone
from tests.contracts.back_office.test_strict_policy_of_the_office import policy_faults
from tests.contracts.back_office.walk import addresses
from tests.contracts.pages.test_enter_presses_the_main_button import enter_faults
from tests.webhooks.receiving import due, endpoint_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_https")]
OTHERS = ("admin/", "api/", "^api", "^i18n/", "i18n/")
"""The back office is walked to by its own rows, and the API answers no pages."""
SEEN_BY_ALL = {"login", "logout", "verify", "verify-root", "healthz", "readyz", "metrics", "home", "help"}
SEEN_BY_ALL |= {"webhook-addresses", "webhook-addresses-json"}
KEPT_BY_THE_BROWSER = {"contract-page"}
"""A picture is kept, and asked for anew each time: the answer says whether its visitor may still see it."""
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
TRACES = ("Traceback", "Exception Type", "DJANGO_SETTINGS_MODULE", "/site-packages/", "&lt;module&gt;")


@pytest.fixture
def _https(settings):
    settings.DEBUG = False
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.LANGUAGE_COOKIE_SECURE = True
    settings.SECURE_SSL_REDIRECT = True
    settings.WEBHOOK_SENDING_ADDRESSES = ["203.0.113.0/28"]
    settings.SECURE_HSTS_SECONDS = 31536000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True


@dataclass(frozen=True)
class Page:
    name: str
    url: str


def routes(patterns: list, before: str = "") -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if route.startswith(OTHERS):
            continue
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield pattern.name, route


@pytest.fixture
def pages(membership) -> list[Page]:
    """Every page of the console, filled in with rows of the account."""
    actor = actor_of(membership, "page")
    official = factories.official(actor)
    services.request_void(contract=factories.official(actor), reason="Wrong order", by=actor)
    hook = due(endpoint_of(membership.account))
    token, _secret = ApiToken.for_member(membership)
    order = factories.OrderFactory(account=membership.account)
    values = {"page": 1, "type_": "order", "key": token.token_key, "pk": hook.endpoint_id, "delivery_pk": hook.pk}
    values |= {"uidb64": "MQ", "token": "made-up", "export_id": uuid.UUID(int=1), "secret": "made-up"}
    found = []
    for name, route in routes(get_resolver().url_patterns):
        number = order.number if route.startswith("orders/") else official.number
        path = PARAMETER.sub(lambda match, number=number: str({**values, "number": number}[match[1]]), route)
        found.append(Page(name, f"/{path}"))
    return found


def faults_of_headers(answer) -> list[str]:
    expected = {**EXPECTED, "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload"}
    faults = [f"{name}: {answer.headers.get(name)}" for name, value in expected.items() if answer.get(name) != value]
    policy = answer.get("Content-Security-Policy", "")
    if policy != "sandbox" and ("default-src 'none'" not in policy or "unsafe" in policy or "*" in policy):
        faults.append(f"policy {policy!r}")
    if answer.get("Server") or answer.get("X-Powered-By"):
        faults.append("says what runs here")
    return faults


def faults_of_cookies(answer) -> list[str]:
    return [
        f"cookie {name} {missing}"
        for name, cookie in answer.cookies.items()
        for missing, there in {
            "is not secure": cookie["secure"],
            "is read by scripts": cookie["httponly"],
            "goes anywhere": cookie["samesite"] in ("Lax", "Strict"),
        }.items()
        if cookie.value and not there
    ]


def faults_of_text(answer) -> list[str]:
    if not answer.get("Content-Type", "").startswith("text/html"):
        return []
    text, marks = answer.text, Marks(answer.text)
    faults = [f"says {trace}" for trace in TRACES if trace in text]
    faults += [inline for inline in marks.inline if "application/json" not in inline]
    for tag, given in marks.all:
        faults += [f"<{tag} {name}>" for name in given if name == "style" or name.startswith("on")]
        if tag == "input" and given.get("type") == "password":
            if given.get("autocomplete") not in ("current-password", "new-password"):
                faults.append(f"password field {given.get('name')}: autocomplete {given.get('autocomplete')}")
            if given.get("value"):
                faults.append(f"password field {given.get('name')} is filled in")
        if tag == "a" and given.get("target") == "_blank" and "noopener" not in (given.get("rel") or ""):
            faults.append(f"a new window that reaches back: {given.get('href')}")
    for form in marks.forms:
        if form.method == "post" and not form.fields.get("csrfmiddlewaretoken"):
            faults.append(f"form {form.action} without its token")
        if form.action.startswith(("http:", "https:", "//")):
            faults.append(f"form to {form.action}")
    return faults


def faults_of_cache(answer) -> list[str]:
    kept = {part.strip() for part in answer.get("Cache-Control", "").split(",")}
    return [] if {"private", "no-store"} <= kept else [f"may be kept: {answer.get('Cache-Control')}"]


def faults_of(answer) -> list[str]:
    return [*faults_of_headers(answer), *faults_of_cookies(answer), *faults_of_text(answer)]


def walk(client: Client, pages: list[Page], *, private: bool, checks: tuple = (faults_of,)) -> list[str]:
    wrong = []
    for page in pages:
        answer = client.get(page.url, secure=True)
        if answer.streaming:
            b"".join(answer.streaming_content)  # which closes the file
        wrong += [f"{page.url}: {fault}" for check in checks for fault in check(answer)]
        if private and answer.status_code == 200 and page.name not in SEEN_BY_ALL | KEPT_BY_THE_BROWSER:
            wrong += [f"{page.url}: {fault}" for fault in faults_of_cache(answer)]
        assert answer.status_code < 500 or page.name == "readyz", page.url
    return wrong


def test_every_page_as_nobody_sees_it(pages):
    assert len(pages) > 45
    assert walk(Client(), pages, private=False) == []


def test_every_page_as_an_owner_sees_it(pages, membership):
    client = Client()
    client.force_login(membership.user)
    assert walk(client, pages, private=True) == []


def test_every_page_as_staff_see_it(pages):
    assert walk(someone("Finance"), pages, private=True) == []


@pytest.mark.parametrize("rows", ["one of each", pytest.param("all", marks=pytest.mark.exhaustive)])
def test_every_page_of_the_back_office(clock, issuer, rows):
    """Each is fetched once for all that is checked of it, and Enter in its fields presses the main button."""
    open_office()
    found = {each.url if rows == "all" else each.name: each for each in addresses(nobodys=False)}
    office = [Page(each.name, each.url) for each in found.values() if each.name != "jsi18n"]
    assert len(office) > 60
    checks = (faults_of, policy_faults, enter_faults)
    assert walk(someone("superuser"), office, private=True, checks=checks) == []


def test_cookies_of_signing_in_and_of_a_language_are_for_this_site_and_no_script(membership):
    client = Client()
    given = {"username": membership.user.username, "password": "secret"}
    answers = [
        client.get("/login/", secure=True),
        client.post("/login/", given, secure=True),
        client.post("/i18n/setlang/", {"language": "zh-hans"}, secure=True),
    ]
    assert {"csrftoken", "sessionid", "django_language"} <= {name for answer in answers for name in answer.cookies}
    assert [fault for answer in answers for fault in faults_of_cookies(answer)] == []


def broken(*_: object, **__: object) -> None:
    raise RuntimeError("zhang")


def test_error_pages_tell_nothing_of_the_inside(membership, monkeypatch):
    client = Client(raise_request_exception=False)
    client.force_login(membership.user)
    strict = Client(enforce_csrf_checks=True)
    monkeypatch.setattr("contracts.views.listing.page_of", broken)
    answers = {
        400: client.get("/login/", secure=True, headers={"host": "evil.example"}),
        403: strict.post("/login/", {}, secure=True),
        404: client.get("/contracts/NOBODYS/", secure=True),
        405: client.get("/logout/", secure=True),
        413: client.generic("POST", "/login/", bytes(9 * 1024**2), secure=True),
        500: client.get("/contracts/", secure=True),
    }
    assert {status: answer.status_code for status, answer in answers.items()} == {status: status for status in answers}
    assert {status: faults for status, answer in answers.items() if (faults := faults_of(answer))} == {}
    assert "zhang" not in answers[500].text


def test_plain_http_leads_to_https_and_shows_nothing(pages):
    for page in pages:
        if page.name not in ("healthz", "readyz", "metrics"):
            answer = Client().get(page.url)
            assert (answer.status_code, answer.url) == (301, f"https://testserver{page.url}")
            assert not answer.cookies
