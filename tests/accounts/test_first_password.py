"""Users whom the vendor creates have no password: they set one by a link, and can request another link (R49)."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.access.actors import Actor
from accounts.members import add_member
from accounts.models import Membership
from emails.sending import send_due_emails
from tests.factories import AccountFactory, UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rule("R49"), pytest.mark.usefixtures("clock")]
EMAIL = "mei@customer.example"
PASSWORD = "a-long-walk-by-the-river"


def added(username: str = "mei") -> Membership:
    by = Actor(UserFactory().pk, None, True, "api")
    return add_member(account=AccountFactory(), username=username, email=EMAIL, role="owner", by=by)


def last_link() -> str:
    """The path of the link in the last email."""
    send_due_emails()
    links = re.findall(r"^http://[^/]+(/\S+)$", mail.outbox[-1].body, re.MULTILINE)
    return links[-1]


def set_password(path: str) -> None:
    client = Client()
    form = client.get(path)
    client.post(getattr(form, "url", path), {"new_password1": PASSWORD, "new_password2": PASSWORD})


def can_sign_in(password: str = PASSWORD) -> bool:
    return Client().post("/login/", {"username": "mei", "password": password}).status_code == 302


def test_the_link_in_the_email_sets_the_first_password():
    added()
    assert not can_sign_in("")
    assert not can_sign_in("!")
    path = last_link()
    assert path.startswith("/password/")
    set_password(path)
    assert can_sign_in()


def test_another_link_can_be_requested_after_it_expired(clock):
    added()
    expired = last_link()
    clock.shift(timedelta(hours=1, seconds=1))
    set_password(expired)
    assert not can_sign_in()
    Client().post("/password/", {"email": EMAIL})
    set_password(last_link())
    assert can_sign_in()


def test_a_person_with_a_password_is_sent_to_sign_in():
    UserFactory(username="mei", email=EMAIL, last_login=timezone.now())
    added()
    assert last_link() == "/login/"
    assert User.objects.get(username="mei").check_password("secret")
