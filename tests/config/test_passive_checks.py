"""Whoever walks through the site by its links is given nothing that a passive scanner would report."""

from collections import Counter

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import resolve

from tests.config.passive import Page, findings
from tests.contracts.back_office.legal import client_of, superuser
from tests.contracts.back_office.office import open_office

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "issuer", "by_https")]
ANSWERED = {
    "contracts/<str:number>/pages/<int:page>.png": {"10015 may be kept by a cache"},
    "admin/password_change/": {"10015 may be kept by a cache"},
}
"""What docs/security.md answers, by pattern: the browser asks before it shows a picture again; an empty form."""
OF_A_KIND = 2
"""Pages of one pattern that are walked to."""


@pytest.fixture
def by_https(settings) -> None:
    """As config/settings.py sets them where SITE_URL is https."""
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.LANGUAGE_COOKIE_SECURE = True
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 31536000


def customer() -> Client:
    return client_of(get_user_model().objects.filter(memberships__role="owner").earliest("pk"))


VISITORS = {"nobody": (Client, "/login/"), "a customer": (customer, "/contracts/"), "staff": (superuser, "/admin/")}


def walk(client: Client, start: str) -> dict[str, set[str]]:
    """The addresses that were reached, each with what is wrong with its answer."""
    waiting, seen, kinds, wrong = [start, "/verify/", "/help/", "/"], set(), Counter(), {}
    while waiting:
        address = waiting.pop(0)
        route = resolve(address.partition("?")[0]).route
        if address in seen or kinds[route] == OF_A_KIND:
            continue
        seen.add(address)
        kinds[route] += 1
        answer = client.get(address, secure=True)
        assert answer.status_code < 400, address
        private = bool(client.cookies.get("sessionid")) and address.startswith(
            ("/contracts", "/orders", "/account", "/admin")
        )
        wrong[address] = findings(answer, private=private) - ANSWERED.get(route, set())
        if answer.headers["Content-Type"].startswith("text/html"):
            waiting += Page(answer.text).addresses(address)
    return wrong


@pytest.mark.parametrize("visitor", VISITORS)
def test_a_walk_through_the_site_finds_nothing(visitor):
    open_office()
    who, start = VISITORS[visitor]
    wrong = walk(who(), start)
    assert {address: found for address, found in wrong.items() if found} == {}
    assert len(wrong) > {"nobody": 3, "a customer": 15, "staff": 40}[visitor]
