"""Who is signed in changes the password by the old one, stays signed in, and ends every other session."""

from datetime import timedelta

import pytest
from django.test import Client

from emails.models import Notice
from tests.emails.mail import acting

pytestmark = pytest.mark.django_db
NEW = "a-long-walk-by-the-river"


@pytest.fixture
def person():
    return acting().user


@pytest.fixture
def visit(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def change(visit: Client, old: str = "secret", new: str = NEW, again: str = NEW):
    return visit.post("/account/password/", {"old_password": old, "new_password1": new, "new_password2": again})


def test_by_the_old_password_from_the_account_page(visit, person):
    assert 'href="/account/password/"' in visit.get("/account/").text
    elsewhere = Client()
    elsewhere.force_login(person)
    assert change(visit).url == "/account/"
    assert "Your password was changed." in visit.get("/account/").text
    assert elsewhere.get("/account/").url.startswith("/login/")
    assert Client().post("/login/", {"username": person.username, "password": NEW}).status_code == 302
    assert Notice.objects.get().kind == "password_changed"


@pytest.mark.parametrize(
    "given", [{"old": "wrong"}, {"new": "short", "again": "short"}, {"again": "another-one-of-these"}, {"new": ""}]
)
def test_what_is_wrong_is_said_and_nothing_is_changed(visit, person, given):
    answer = change(visit, **given)
    assert answer.status_code == 400
    assert "field-error" in answer.text
    assert "secret" not in answer.text
    person.refresh_from_db()
    assert person.check_password("secret")


def test_an_old_password_can_be_tried_ten_times_an_hour(visit, person, clock):
    visit.force_login(person)
    for _ in range(10):
        assert change(visit, old="wrong").status_code == 400
    answer = change(visit)
    assert answer.status_code == 429
    assert "Too many attempts. Try again in 60 minutes." in answer.text
    clock.shift(timedelta(minutes=61))
    assert change(visit).status_code == 302


def test_viewers_may_too(issuer):
    visit = Client()
    visit.force_login(acting(role="viewer").user)
    assert change(visit).status_code == 302
