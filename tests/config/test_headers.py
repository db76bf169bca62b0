"""Every answer tells browsers what it may not be used for, and nobody stays signed in for longer than a day's work."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import config.settings

pytestmark = pytest.mark.django_db
EXPECTED = {
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


@pytest.mark.parametrize("path", ["/login/", "/verify/", "/admin/login/", "/api/v1/orders/", "/healthz", "/nowhere/"])
def test_every_answer_has_the_headers(client, path):
    answer = client.get(path)
    assert {name: answer.headers.get(name) for name in EXPECTED} == EXPECTED
    assert "default-src 'none'" in answer["Content-Security-Policy"]


def test_a_session_ends_after_an_hour_without_a_request(client, membership, clock, settings):
    settings.SESSION_IDLE_SECONDS = config.settings.SESSION_IDLE_SECONDS
    client.force_login(membership.user)
    for _ in range(3):
        clock.shift(timedelta(minutes=59))
        assert client.get("/orders/").status_code == 200
    clock.shift(timedelta(minutes=61))
    assert client.get("/orders/").url.startswith("/login/?next=/orders/")
    assert client.get("/login/").status_code == 200


def test_using_a_session_writes_it_once_a_minute(client, membership, clock):
    client.force_login(membership.user)
    with CaptureQueriesContext(connection) as queries:
        client.get("/orders/")
    clock.shift(timedelta(seconds=60))
    with CaptureQueriesContext(connection) as later:
        client.get("/orders/")
    assert not [query for query in queries if query["sql"].startswith("UPDATE")]
    written = [query["sql"].split('"')[1] for query in later if query["sql"].startswith("UPDATE")]
    assert written == ["accounts_usersession", "django_session"]  # the list of one's sessions, and the session


def test_a_session_ends_twelve_hours_after_signing_in(client, membership, clock, settings):
    settings.SESSION_COOKIE_AGE = config.settings.SESSION_COOKIE_AGE
    client.force_login(membership.user)
    clock.shift(timedelta(hours=11, minutes=59))
    assert client.get("/orders/").status_code == 200
    clock.shift(timedelta(minutes=2))
    assert client.get("/orders/").url == "/login/?next=/orders/"
