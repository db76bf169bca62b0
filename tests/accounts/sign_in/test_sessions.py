"""A person sees where they are signed in, and signs out one session or all others."""

from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import SecurityEvent, UserSession
from accounts.sign_in.sessions import describe_device, shorten_address
from contracts.operations.retention import delete_expired
from tests import factories
from tests.accounts.sign_in.codes import enter_password

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
PAGE = "/account/security/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5"
    " Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def user(membership):
    return membership.user


def sign_in(user, *, agent: str = FIREFOX, address: str = "203.0.113.7") -> Client:
    client = Client(headers={"User-Agent": agent}, REMOTE_ADDR=address)
    enter_password(client, user)
    return client


def is_out(client: Client) -> bool:
    return client.get("/orders/").status_code == 302


def test_each_session_is_listed_with_device_network_and_last_use(user, clock):
    sign_in(user, agent=IPHONE, address="2001:db8:1:2::3")
    clock.shift(timedelta(minutes=5))
    page = sign_in(user).get(PAGE).text
    assert "Firefox, Windows" in page
    assert "Safari, iPhone" in page
    assert "203.0.113.x" in page
    assert "203.0.113.7" not in page
    assert "2001:0db8:0001:x" in page
    assert page.index("Firefox, Windows") < page.index("Safari, iPhone")
    assert "2026-11-22 12:00" in page
    assert "2026-11-22 12:05" in page
    assert page.count("this session") == 1


def test_the_last_use_is_noted_once_a_minute(user, clock):
    client = sign_in(user)
    clock.shift(timedelta(minutes=2))
    client.get("/orders/")
    assert UserSession.objects.get().last_seen_at == UserSession.objects.get().created_at + timedelta(minutes=2)


def test_one_session_is_signed_out(user):
    here, there, elsewhere = sign_in(user), sign_in(user), sign_in(user)
    pk = UserSession.objects.get(session=there.session.session_key).pk
    assert here.post(f"{PAGE}sessions/{pk}/end/").url == PAGE
    assert [is_out(client) for client in (here, there, elsewhere)] == [False, True, False]
    assert SecurityEvent.objects.filter(kind="session_ended", user=user).count() == 1
    assert here.post(f"{PAGE}sessions/{pk}/end/").url == PAGE  # again: nothing more to do
    assert SecurityEvent.objects.filter(kind="session_ended").count() == 1


def test_all_other_sessions_are_signed_out(user):
    here, there, elsewhere = sign_in(user), sign_in(user), sign_in(user)
    here.post(f"{PAGE}sessions/end-others/")
    assert [is_out(client) for client in (here, there, elsewhere)] == [False, True, True]
    assert SecurityEvent.objects.get(kind="session_ended").detail == "2 others"


def test_nobody_signs_out_another_person(user):
    stranger = sign_in(factories.MembershipFactory().user)
    pk = UserSession.objects.exclude(user=user).get().pk
    sign_in(user).post(f"{PAGE}sessions/{pk}/end/")
    assert not is_out(stranger)


def test_sessions_of_others_are_not_listed(user):
    sign_in(factories.MembershipFactory().user, agent=IPHONE)
    assert "iPhone" not in sign_in(user).get(PAGE).text


def test_a_new_password_leaves_one_session_in_the_list(user):
    here, there = sign_in(user), sign_in(user, agent=IPHONE)
    new = "a-long-walk-by-the-river"
    given = {"old_password": "secret", "new_password1": new, "new_password2": new}
    assert here.post("/account/password/", given).status_code == 302
    page = here.get(PAGE).text
    assert "this session" in page
    assert "iPhone" not in page
    assert is_out(there)


def test_signing_out_and_expiry_leave_no_row(user, clock, settings):
    sign_in(user).post("/logout/")
    assert not UserSession.objects.exists()
    settings.SESSION_COOKIE_AGE = 60
    sign_in(user)
    clock.shift(timedelta(hours=1))
    delete_expired(now=UserSession.objects.get().created_at + timedelta(hours=1))
    assert not UserSession.objects.exists()
    assert not Session.objects.exists()


def test_an_operator_ends_the_sessions_of_one_person_or_of_all(user):
    mine, others = sign_in(user), sign_in(factories.MembershipFactory().user)
    call_command("end_sessions", user.username, stdout=StringIO())
    assert [is_out(client) for client in (mine, others)] == [True, False]
    call_command("end_sessions", "--all", stdout=StringIO())
    assert is_out(others)
    assert SecurityEvent.objects.filter(kind="session_ended", user=None).count() == 2
    with pytest.raises(CommandError, match="There is no user nobody"):
        call_command("end_sessions", "nobody")


def test_ending_sessions_asks_for_the_password_again_later(user, clock):
    here, there = sign_in(user), sign_in(user)
    clock.shift(timedelta(minutes=10))
    assert here.post(f"{PAGE}sessions/end-others/").url.startswith(f"{PAGE}confirm/")
    assert not is_out(there)


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (FIREFOX, "Firefox, Windows"),
        (IPHONE, "Safari, iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "Chrome, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("curl/8", "Unknown device"),
        ("<script>", "Unknown device"),
    ],
)
def test_devices_in_words(agent, said):
    assert describe_device(agent) == said


def test_addresses_are_shortened():
    assert [shorten_address(one) for one in ("192.0.2.7", None)] == ["192.0.2.x", "—"]
