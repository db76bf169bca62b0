"""Whoever sets a new password, by whatever form: API tokens end, failures are forgotten, it is recorded and mailed."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from billing.letters import message_of
from billing.mailing import send_due
from billing.models import ApiToken, Notice, PasswordLinkRequest, SecurityEvent
from tests import factories
from tests.billing.mail import acting

pytestmark = pytest.mark.django_db
NEW = "a-long-walk-by-the-river"
GIVEN = {"old_password": "secret", "new_password1": NEW, "new_password2": NEW}
OWN_IN_OFFICE = "/admin/password_change/"


@pytest.fixture
def member():
    membership = acting()
    membership.user.is_staff = True
    membership.user.save()
    ApiToken.for_member(membership)
    return membership


@pytest.fixture
def visit(member) -> Client:
    client = Client()
    client.force_login(member.user)
    SecurityEvent.objects.all().delete()
    return client


def recorded() -> list[tuple]:
    return list(SecurityEvent.objects.order_by("pk").values_list("kind", "user", "about"))


@pytest.mark.parametrize("page", ["/account/password/", OWN_IN_OFFICE])
def test_changing_ones_own(visit, member, page):
    user = member.user
    for _ in range(5):
        Client().post("/login/", {"username": user.username, "password": "wrong"})
    SecurityEvent.objects.all().delete()
    assert visit.post(page, GIVEN).status_code == 302
    assert not ApiToken.objects.exists()
    assert recorded() == [("token_revoked", user.pk, None), ("password_changed", user.pk, None)]
    assert "API tokens were revoked" in message_of(Notice.objects.get(), address="li@customer.example").body
    assert visit.get("/account/").status_code == 200
    assert Client().post("/login/", {"username": user.username, "password": NEW}).status_code == 302


def test_the_account_page_offers_to_keep_them(visit, member):
    assert 'name="keep_tokens"' in visit.get("/account/password/").text
    visit.post("/account/password/", {**GIVEN, "keep_tokens": "on"})
    assert ApiToken.objects.count() == 1
    ApiToken.objects.all().delete()
    assert 'name="keep_tokens"' not in visit.get("/account/password/").text


def test_another_persons_tokens_go_on(visit):
    other = factories.MembershipFactory()
    ApiToken.for_member(other)
    visit.post("/account/password/", GIVEN)
    assert ApiToken.objects.get().user == other.user


def test_staff_set_it_for_somebody(member):
    root = Client()
    admin = factories.UserFactory(is_staff=True, is_superuser=True)
    root.force_login(admin)
    SecurityEvent.objects.all().delete()
    page = f"/admin/auth/user/{member.user_id}/password/"
    root.post(page, {"usable_password": "true", "password1": "short", "password2": "short"})
    assert ApiToken.objects.count() == 1
    assert root.post(page, {"usable_password": "true", "password1": NEW, "password2": NEW}).status_code == 302
    assert not ApiToken.objects.exists()
    assert recorded() == [("token_revoked", admin.pk, member.user_id), ("password_changed", admin.pk, member.user_id)]
    assert Notice.objects.get().kind == "password_changed"
    assert root.get("/admin/auth/user/999999/password/").status_code in (302, 404)


def entering(monkeypatch, *passwords: str) -> None:
    """Each of the passwords is typed at the next prompt."""
    typed = iter(passwords)
    monkeypatch.setattr("getpass.getpass", lambda *prompt: next(typed))


def test_the_command_sets_it(member, monkeypatch, capsys):
    user = member.user
    SecurityEvent.objects.all().delete()
    entering(monkeypatch, NEW, "another", "short", "short", NEW, NEW)
    call_command("changepassword", user.username)
    assert not ApiToken.objects.exists()
    assert recorded() == [("token_revoked", None, user.pk), ("password_changed", None, user.pk)]
    assert Notice.objects.get().kind == "password_changed"
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert "The passwords differ." in capsys.readouterr().err


def test_the_command_gives_up_after_three_attempts(member, monkeypatch):
    entering(monkeypatch, *["short"] * 6)
    with pytest.raises(CommandError, match="not changed after 3 attempts"):
        call_command("changepassword", member.user.username)
    with pytest.raises(CommandError, match="no user nobody"):
        call_command("changepassword", "nobody")
    assert ApiToken.objects.count() == 1
    assert not Notice.objects.exists()


@pytest.mark.parametrize("page", ["/account/password/", OWN_IN_OFFICE])
def test_a_wrong_old_password_is_recorded_and_can_be_tried_ten_times_an_hour(visit, member, page):
    for _ in range(10):
        assert visit.post(page, {**GIVEN, "old_password": "wrong"}).status_code in (200, 400)
    assert recorded() == [("sign_in_failed", member.user_id, None)] * 10
    answer = visit.post(page, GIVEN)
    assert answer.status_code == 429
    assert "Too many attempts. Try again in" in answer.text
    assert ApiToken.objects.count() == 1


@pytest.mark.parametrize("email", ["li@customer.example", "nobody@else.example"])
def test_asking_for_a_link_does_the_same_whoever_has_the_address(django_capture_on_commit_callbacks, email):
    """So that the time it takes tells nothing: rows, locks and limits are the worker's."""
    acting("li@customer.example")
    with CaptureQueriesContext(connection) as queries, django_capture_on_commit_callbacks() as tasks:
        assert Client().post("/password/", {"email": email}).url == "/password/sent/"
    statements = [query["sql"].split('"')[0].strip() for query in queries if "SAVEPOINT" not in query["sql"]]
    assert statements == ["INSERT INTO"]
    assert len(tasks) == 1
    assert not Notice.objects.exists()


def test_the_worker_looks_the_address_up_and_keeps_it_no_longer():
    user = acting("li@customer.example").user
    for email in ("LI@customer.example", "nobody@else.example"):
        Client().post("/password/", {"email": email})
    send_due()
    assert Notice.objects.get().user == user
    assert not PasswordLinkRequest.objects.exists()
