"""The database does not answer: people and programs are told so, and to try again."""

import json

import pytest
from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends.db import SessionStore
from django.db import InterfaceError, OperationalError

from config import faults
from tests.contracts.api.conformance import problem

pytestmark = pytest.mark.django_db


@pytest.fixture(params=[OperationalError, InterfaceError])
def away(request, monkeypatch):
    """No statement is answered from now on."""

    def refuse(*args, **kwargs):
        raise request.param("the connection is lost")

    def go_away():
        monkeypatch.setattr("django.db.backends.utils.CursorWrapper._execute", refuse)

    return go_away


def test_the_api_says_so(api, away):
    away()
    answer = api.get("contracts/")
    assert "Try again shortly" in problem(answer, 503, "database_unavailable")["detail"]
    assert answer["Retry-After"] == "5"


def test_the_api_says_so_to_a_browser_that_is_signed_in(client, membership, away):
    client.force_login(membership.user)
    away()
    answer = client.get("/api/v1/contracts/", headers={"Authorization": "Token wrong"})
    problem(answer, 503, "database_unavailable")


@pytest.mark.parametrize(("language", "said"), [("en", 'lang="en"'), ("zh-hans", 'lang="zh-hans"')])
def test_pages_say_so_without_asking_who_is_there(client, membership, away, language, said):
    client.force_login(membership.user)
    away()
    answer = client.get("/contracts/", headers={"Accept-Language": language})
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert '<p class="error-code">503</p>' in answer.content.decode()
    assert said in answer.content.decode()


def test_the_log_says_why(client, away, caplog):
    away()
    client.get("/verify/?code=EC")
    assert "database not available: the connection is lost" in caplog.text


def lose(*args, **kwargs):
    raise OperationalError("the connection is lost")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_database_lost_before_the_session_is_saved(client, membership, monkeypatch, language):
    client.force_login(membership.user)
    session = client.session
    session["seen"] -= 100
    session.save()
    monkeypatch.setattr(SessionStore, "save", lose)
    client.raise_request_exception = False
    answer = client.get("/contracts/", headers={"Accept-Language": language})
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert '<p class="error-code">503</p>' in answer.text
    assert f'lang="{language}"' in answer.text


def test_a_database_lost_while_an_error_page_is_rendered(client, membership, monkeypatch, caplog):
    client.force_login(membership.user)
    monkeypatch.setattr(ModelBackend, "get_user", lose)
    client.raise_request_exception = False
    answer = client.get("/nothing/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "database not available: the connection is lost" in caplog.text


def test_a_database_lost_in_a_middleware_of_a_call(rf):
    try:
        lose()
    except OperationalError:
        answer = faults.server_error(rf.get("/api/v1/contracts/"))
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert json.loads(answer.content)["code"] == "database_unavailable"


def test_other_errors_are_still_internal_ones(client, membership, monkeypatch):
    client.force_login(membership.user)
    monkeypatch.setattr(SessionStore, "load", lambda store: 1 / 0)
    client.raise_request_exception = False
    assert client.get("/contracts/").status_code == 500
