"""A person changes their own email address by a link to the new one (R50)."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.emails import get_password_link_path
from accounts.models import SecurityEvent
from accounts.sign_in.email_change import MAX_LINKS_A_DAY
from contracts.operations.privacy.erasing import erase_person
from contracts.operations.privacy.exporting import export_person
from emails.models import Notice
from emails.sending import send_due_emails
from tests.accounts.sign_in.codes import enter_password
from tests.emails.mail import acting

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("clock"),
    pytest.mark.rule("R50"),
]
PAGE = "/account/security/email/"
OLD, NEW = "li@customer.example", "li.na@customer.example"


@pytest.fixture
def user(issuer) -> User:
    return acting(OLD).user


@pytest.fixture
def visit(user) -> Client:
    return signed_in(user)


def signed_in(user: User) -> Client:
    client = Client()
    enter_password(client, user)
    return client


def address_of(user: User) -> str:
    return User.objects.get(pk=user.pk).email


def sent(email: str = NEW) -> list[str]:
    """Texts of the emails that went to the address, the latest last."""
    send_due_emails()
    return [message.body for message in mail.outbox if message.to == [email]]


def link(email: str = NEW) -> str:
    found = re.search(r"http://[^/\s]+(/account/security/email/\S+/)", sent(email)[-1])
    assert found
    return found.group(1)


def test_the_link_shows_both_addresses_and_a_post_changes(visit, user):
    assert visit.post(PAGE, {"email": NEW}).url == "/account/security/"
    assert address_of(user) == OLD
    path = link()
    page = visit.get(path)
    assert OLD in page.text
    assert NEW in page.text
    assert page["Cache-Control"] == "private, no-store"
    assert address_of(user) == OLD  # programs of mail servers open links
    assert visit.post(path).url == "/account/security/"
    assert address_of(user) == NEW
    assert NEW in visit.get("/account/security/").text


def test_the_change_is_recorded_and_the_old_address_is_told(visit, user):
    visit.post(PAGE, {"email": NEW})
    visit.post(link())
    event = SecurityEvent.objects.get(kind=SecurityEvent.Kind.EMAIL_CHANGED)
    assert (event.user_id, event.detail) == (user.pk, "")
    (told,) = sent(OLD)
    assert user.get_username() in told
    assert NEW not in told


def test_password_links_to_the_old_address_stop_working(visit, user):
    reset = get_password_link_path(User.objects.get(pk=user.pk))
    assert Client().get(reset).status_code == 302
    visit.post(PAGE, {"email": NEW})
    visit.post(link())
    assert Client().get(reset).status_code == 200  # says that the link is not valid
    assert "new_password1" not in Client().get(reset).text


def test_somebody_without_an_address_gets_one(issuer):
    user = acting("").user
    visit = signed_in(user)
    visit.post(PAGE, {"email": NEW})
    assert visit.post(link()).status_code == 302
    assert address_of(user) == NEW
    assert not Notice.objects.filter(kind="address_changed").exists()


@pytest.mark.parametrize("email", ["", "li", "li@", f"{'l' * 250}@customer.example", OLD])
def test_a_wrong_address_or_the_present_one_is_refused(visit, user, email):
    answer = visit.post(PAGE, {"email": email})
    assert answer.status_code == 400
    assert "field-error" in answer.text
    assert not Notice.objects.filter(kind="address_link").exists()


def test_only_the_case_of_letters_may_change(visit, user):
    visit.post(PAGE, {"email": OLD.title()})
    visit.post(link(OLD.title()))
    assert address_of(user) == OLD.title()


def test_an_address_of_somebody_else_is_not_told_before_the_link_is_opened(visit, user):
    other = acting(NEW).user
    assert visit.post(PAGE, {"email": NEW.upper()}).url == "/account/security/"
    answer = visit.post(link(NEW.upper()))
    assert answer.status_code == 409
    assert address_of(user) == OLD
    assert address_of(other) == NEW


def test_a_link_works_once(visit, user):
    visit.post(PAGE, {"email": NEW})
    path = link()
    visit.post(path)
    assert visit.post(path).status_code == 409
    assert visit.get(path).status_code == 409


def test_a_newer_request_ends_the_earlier_link(visit, user):
    visit.post(PAGE, {"email": NEW})
    first = link()
    visit.post(PAGE, {"email": "other@customer.example"})
    assert visit.post(first).status_code == 404
    assert visit.post(link("other@customer.example")).status_code == 302
    assert address_of(user) == "other@customer.example"


def test_a_replaced_link_that_was_not_yet_sent_is_not(visit, user):
    visit.post(PAGE, {"email": NEW})
    visit.post(PAGE, {"email": "other@customer.example"})
    assert sent(NEW) == []


def test_a_link_expires_after_an_hour(visit, user, clock):
    visit.post(PAGE, {"email": NEW})
    path = link()
    clock.shift(timedelta(hours=1, seconds=1))
    visit = signed_in(user)
    assert visit.get(path).status_code == 404
    assert visit.post(path).status_code == 404
    assert address_of(user) == OLD


def test_a_link_that_waited_for_an_hour_is_not_sent(visit, user, clock):
    visit.post(PAGE, {"email": NEW})
    clock.shift(timedelta(hours=1))
    assert sent() == []
    assert Notice.objects.get(kind="address_link").state == Notice.State.FAILED


def test_who_has_only_the_link_changes_nothing(visit, user):
    visit.post(PAGE, {"email": NEW})
    path = link()
    assert Client().post(path).url.startswith("/login/")
    other = signed_in(acting("wang@customer.example").user)
    assert other.get(path).status_code == 403
    assert other.post(path).status_code == 403
    assert address_of(user) == OLD


def test_a_forged_link_is_not_found(visit, user):
    visit.post(PAGE, {"email": NEW})
    pk, signature = link().removeprefix(PAGE).split(":", 1)
    for token in (f"{int(pk) + 1}:{signature}", "made-up", f"{pk}:x:y"):
        assert visit.post(f"{PAGE}{token.rstrip('/')}/").status_code == 404


def test_the_password_is_asked_for_again_after_ten_minutes(visit, user, clock):
    visit.post(PAGE, {"email": NEW})
    path = link()
    clock.shift(timedelta(minutes=11))
    for address in (PAGE, path):
        assert visit.get(address).url.startswith("/account/security/confirm/?next=")
        assert visit.post(address, {"email": NEW}).url.startswith("/account/security/confirm/?next=")
    assert address_of(user) == OLD


def test_links_a_day_are_limited(visit, user, clock):
    for number in range(MAX_LINKS_A_DAY):
        assert visit.post(PAGE, {"email": f"{number}@customer.example"}).status_code == 302
    answer = visit.post(PAGE, {"email": NEW})
    assert answer.status_code == 429
    assert Notice.objects.filter(kind="address_link").count() == MAX_LINKS_A_DAY
    clock.shift(timedelta(days=1, minutes=1))
    assert signed_in(user).post(PAGE, {"email": NEW}).status_code == 302


def test_emails_to_other_addresses_are_exported_and_erased_with_the_person(visit, user):
    visit.post(PAGE, {"email": NEW})
    visit.post(link())
    visit.post(PAGE, {"email": "third@customer.example"})
    exported = {row["address"] for row in export_person(User.objects.get(pk=user.pk))["emails"]}
    assert {NEW, OLD, "third@customer.example"} <= exported
    erase_person(user=user, now=timezone.now())
    assert not Notice.objects.exclude(address="").exists()
