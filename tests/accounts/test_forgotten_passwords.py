"""Who forgot the password gets a link by email, and nobody learns from the page who has a sign-in here."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.sign_in.password_links import process_requests
from emails.models import Notice
from emails.rendering import render_email
from emails.sending import send_due_emails
from tests import factories
from tests.emails.mail import acting, somebody_of
from tests.lines import Lines

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]
EMAIL = "li@customer.example"
NEW = "a-long-walk-by-the-river"


@pytest.fixture
def person():
    return acting(EMAIL).user


def ask(email: str, **where: str):
    return Client(**where).post("/password/", {"email": email})


def links(email: str = EMAIL) -> list[str]:
    """The paths in the emails that went out, the latest last."""
    send_due_emails()
    sent = [message for message in mail.outbox if message.to == [email]]
    return [
        match.group(1) for message in sent if (match := re.search(r"http://[^/\s]+(/password/\S+/\S+/)", message.body))
    ]


def follow(path: str) -> tuple[Client, str]:
    """Who opens the link, and the address of the form."""
    client = Client()
    answer = client.get(path)
    return client, getattr(answer, "url", path)


def set_new(path: str, password: str = NEW):
    client, form = follow(path)
    return client.post(form, {"new_password1": password, "new_password2": password})


def signs_in(user, password: str, **where: str) -> bool:
    return Client(**where).post("/login/", {"username": user.username, "password": password}).status_code == 302


def test_from_the_sign_in_page_to_a_new_password(person):
    assert 'href="/password/"' in Client().get("/login/").text
    assert ask(EMAIL).url == "/password/sent/"
    [path] = links()
    answer = set_new(path)
    assert answer.url == "/login/"
    assert signs_in(person, NEW)
    assert not signs_in(person, "secret")


def test_the_answer_is_the_same_for_an_address_that_nobody_has(person):
    known, unknown = ask(EMAIL), ask("nobody@else.example")
    assert (known.status_code, known.url, known.content) == (unknown.status_code, unknown.url, unknown.content)
    assert links("nobody@else.example") == []
    assert Notice.objects.get().user == person


def test_the_email_is_in_both_languages_and_says_whose_name_it_is(person):
    ask(EMAIL)
    send_due_emails()
    [message] = mail.outbox
    assert re.search(r"[一-鿿].* / Reset your password", message.subject)
    assert f"User name: {person.username}" in message.body
    assert "works once and expires after one hour" in message.body


def test_no_row_and_no_page_of_the_office_holds_a_link_that_works(person):
    ask(EMAIL)
    [path] = links()
    token = path.rstrip("/").rsplit("/", 1)[1]
    row = Notice.objects.get()
    assert token not in repr([getattr(row, field.attname) for field in row._meta.concrete_fields])
    page = somebody_of("Finance").get(f"/admin/emails/notice/{row.pk}/change/").text
    assert "Reset your password" in page
    assert not re.search(r"/password/\w+/\w", page)
    assert not re.search(r"/password/\w+/\w", render_email(row, address=EMAIL).body)


def test_a_link_works_for_an_hour_from_when_it_is_sent(person, clock):
    ask(EMAIL)
    clock.shift(timedelta(minutes=30))  # before a worker came to it
    [path] = links()
    clock.shift(timedelta(minutes=59))
    assert "Set password" in Client().get(path, follow=True).text
    clock.shift(timedelta(minutes=2))
    assert "no longer valid" in Client().get(path, follow=True).text


def test_what_could_not_be_sent_within_the_hour_is_not_sent(person, clock):
    ask(EMAIL)
    clock.shift(timedelta(minutes=60))
    assert links() == []
    assert (Notice.objects.get().state, Notice.objects.get().error) == (
        "failed",
        "The link was requested too long ago.",
    )


def test_a_link_works_once(person):
    ask(EMAIL)
    [path] = links()
    set_new(path)
    assert "no longer valid" in Client().get(path, follow=True).text


def test_and_not_after_the_next_sign_in(person):
    ask(EMAIL)
    [path] = links()
    assert signs_in(person, "secret")
    assert "no longer valid" in Client().get(path, follow=True).text


@pytest.mark.parametrize("end", ["/password/MQ/abc-def/", "/password/!!/x/", "/password/MTIzNDU2/cz1-abc/"])
def test_a_made_up_link_is_answered_like_an_old_one(person, end):
    answer = Client().get(end)
    assert answer.status_code == 200
    assert "no longer valid" in answer.text


def test_the_token_leaves_the_address_before_the_page_is_shown(person):
    ask(EMAIL)
    [path] = links()
    client, form = follow(path)
    assert form.endswith("/set-password/")
    page = client.get(form)
    assert page["Referrer-Policy"] == "same-origin"
    assert {"no-store", "private"} <= set(page["Cache-Control"].split(", "))


@pytest.mark.parametrize(("field", "value"), [("is_active", False), ("password", "!unusable"), ("email", "")], ids=str)
def test_who_may_not_sign_in_or_has_no_address_gets_none(person, field, value):
    get_user_model().objects.filter(pk=person.pk).update(**{field: value})
    assert ask(EMAIL).url == "/password/sent/"
    send_due_emails()
    assert not Notice.objects.exists()


def test_who_was_closed_meanwhile_gets_none(person):
    ask(EMAIL)
    process_requests()
    get_user_model().objects.update(is_active=False)
    assert links() == []
    assert Notice.objects.get().state == "failed"
    ask(EMAIL)
    assert links() == []
    assert Notice.objects.count() == 1


def test_viewers_and_staff_get_one_too(issuer):
    factories.MembershipFactory(role="viewer", user__email="viewer@customer.example")
    factories.UserFactory(is_staff=True, email="staff@issuer.example")
    ask("viewer@customer.example")
    ask("STAFF@issuer.example")
    assert len(links("viewer@customer.example")) == len(links("staff@issuer.example")) == 1


def test_one_person_gets_three_an_hour_from_wherever_they_are_asked_for(person, clock):
    for host in range(6):
        assert ask(EMAIL, REMOTE_ADDR=f"192.0.2.{host}").url == "/password/sent/"
    assert len(links()) == 3
    clock.shift(timedelta(minutes=61))
    ask(EMAIL)
    assert len(links()) == 4


def test_one_address_asks_ten_times_an_hour_whomever_it_asks_for(person, clock):
    for number in range(10):
        assert ask(f"nobody{number}@else.example").status_code == 302
    answer = ask(EMAIL)
    assert answer.status_code == 429
    assert "Try again in 60 minutes." in answer.text
    assert int(answer["Retry-After"]) == 3600
    assert ask(EMAIL, REMOTE_ADDR="192.0.2.7").status_code == 302
    clock.shift(timedelta(minutes=61))
    assert ask(EMAIL).status_code == 302


@pytest.mark.parametrize("given", ["", "li", "li@customer.example\r\nBcc: all@else.example"])
def test_what_is_no_address_is_told(person, given):
    assert ask(given).status_code == 400
    assert not Notice.objects.exists()


def test_a_weak_password_is_refused_with_the_reason(person):
    ask(EMAIL)
    [path] = links()
    for weak in ("short", "password1234"):
        answer = set_new(path, weak)
        assert answer.status_code == 200
        assert "field-error" in answer.text
    assert signs_in(person, "secret")


def test_every_session_ends_and_the_person_is_told(person):
    elsewhere = Client()
    elsewhere.force_login(person)
    assert elsewhere.get("/contracts/").status_code == 200
    ask(EMAIL)
    set_new(links()[-1])
    assert elsewhere.get("/contracts/").url.startswith("/login/")
    send_due_emails()
    assert "Your password was changed" in mail.outbox[-1].subject
    assert reverse("password-reset") in mail.outbox[-1].body


def test_who_was_locked_out_signs_in_at_once(person):
    for _ in range(5):
        signs_in(person, "wrong")
    assert not signs_in(person, "secret")
    assert 'href="/password/"' in Client().post("/login/", {"username": person.username, "password": "secret"}).text
    get_user_model().objects.filter(pk=person.pk).update(last_login=None)
    ask(EMAIL)
    set_new(links()[-1])
    assert signs_in(person, NEW)


def test_the_log_has_neither_the_address_nor_the_link(person):
    with Lines() as lines:
        ask(EMAIL)
        [path] = links()
        set_new(path)
    assert lines.of("config.requests")
    assert EMAIL not in lines.text
    assert path.rstrip("/").rsplit("/", 1)[1] not in lines.text
