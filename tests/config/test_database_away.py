"""The database does not answer: people and programs are told so, and to try again."""

import pytest
from django.db import InterfaceError, OperationalError

from tests.api.conformance import problem

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
    assert answer.status_code == 503
    assert '<p class="error-code">503</p>' in answer.content.decode()
    assert said in answer.content.decode()


def test_the_log_says_why(client, away, caplog):
    away()
    client.get("/verify/?code=EC")
    assert "database not available: the connection is lost" in caplog.text
