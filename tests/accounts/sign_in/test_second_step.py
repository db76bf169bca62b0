"""Where a person has a second factor, the password alone signs nobody in (R50)."""

from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import SecurityEvent
from emails.models import Notice
from tests import factories
from tests.accounts.sign_in.codes import STEP, code_at, code_now, enter_code, enter_password, is_signed_in, with_app
from tests.emails.mail import acting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock"), pytest.mark.rule("R50")]


@pytest.fixture
def user(issuer):
    return acting().user


@pytest.fixture
def half_way(user) -> Client:
    """The browser of a person who has entered the password."""
    with_app(user)
    client = Client()
    assert enter_password(client, user).url == "/login/second-step/"
    return client


def test_codes_are_those_of_the_standard():
    assert [code_at(59), code_at(1111111109), code_at(20000000000)] == ["287082", "081804", "353130"]


def test_without_a_second_factor_the_password_opens_a_session_at_once(user, client):
    assert enter_password(client, user).url == "/orders/"
    assert is_signed_in(client)


def test_the_second_step_follows_and_leads_where_the_person_wanted_to_go(user, half_way):
    assert not is_signed_in(half_way)
    assert half_way.get("/orders/").url.startswith("/login/")
    assert half_way.get("/login/second-step/").status_code == 200
    assert enter_code(half_way, code_now()).url == "/orders/"
    assert is_signed_in(half_way)
    assert half_way.get("/orders/").status_code == 200


def test_so_it_does_in_the_back_office(client):
    staff = factories.UserFactory(is_staff=True)
    with_app(staff)
    assert enter_password(client, staff, page="/admin/login/", following="/admin/").url == "/login/second-step/"
    assert client.get("/admin/").status_code == 302
    assert enter_code(client, code_now()).url == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_nobody_reaches_the_second_step_without_the_password(user, client):
    with_app(user)
    assert client.get("/login/second-step/").url == "/login/"
    assert enter_code(client, code_now()).url == "/login/"
    assert not is_signed_in(client)


def test_fifteen_minutes_later_the_password_is_asked_for_again(half_way, clock):
    clock.shift(timedelta(minutes=15, seconds=1))
    assert enter_code(half_way, code_now()).url == "/login/"
    assert not is_signed_in(half_way)


@pytest.mark.parametrize(("steps", "accepted"), [(-2, False), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_one_step_off(half_way, steps, accepted):
    enter_code(half_way, code_now(steps=steps))
    assert is_signed_in(half_way) == accepted


def test_one_step_late_is_accepted_too(half_way, clock):
    shown = code_now()
    clock.shift(STEP)
    enter_code(half_way, shown)
    assert is_signed_in(half_way)


def test_a_code_works_once(user, half_way, clock):
    code = code_now()
    enter_code(half_way, code)
    again = Client()
    enter_password(again, user)
    enter_code(again, code)
    assert not is_signed_in(again)
    clock.shift(STEP)
    enter_code(again, code_now())
    assert is_signed_in(again)


def test_the_code_that_added_the_app_does_not_sign_in(half_way):
    enter_code(half_way, code_now(steps=-1))
    assert not is_signed_in(half_way)


def test_a_code_before_one_that_was_used_is_refused(user, half_way):
    enter_code(half_way, code_now(steps=1))
    again = Client()
    enter_password(again, user)
    enter_code(again, code_now())
    assert not is_signed_in(again)


def test_a_recovery_code_works_once_and_however_it_is_typed(user):
    codes = with_app(user)
    assert len(set(codes)) == 10
    for typed, accepted in [(codes[0].lower().replace("-", " "), True), (codes[0], False), (codes[1], True)]:
        client = Client()
        enter_password(client, user)
        enter_code(client, typed)
        assert is_signed_in(client) == accepted


def test_another_persons_code_is_none(user, half_way):
    codes = with_app(factories.UserFactory())
    enter_code(half_way, codes[0])
    assert not is_signed_in(half_way)


def test_after_five_wrong_codes_even_the_right_one_waits(user, half_way, clock):
    for _ in range(5):
        assert "Wrong code" in enter_code(half_way, "000000").text
    assert "Wait 15 minutes" in enter_code(half_way, code_now()).text
    elsewhere = Client(REMOTE_ADDR="192.0.2.9")
    enter_password(elsewhere, user)
    assert "Wait 15 minutes" in enter_code(elsewhere, code_now()).text
    clock.shift(timedelta(minutes=15, seconds=1))
    enter_password(half_way, user)
    enter_code(half_way, code_now())
    assert is_signed_in(half_way)


def test_a_wrong_code_is_recorded_and_the_person_told_once_an_hour(user, half_way, clock):
    for _ in range(2):
        enter_code(half_way, "000000")
    failed = SecurityEvent.objects.filter(kind="factor_failed", user=user)
    assert failed.count() == 2
    assert Notice.objects.filter(user=user, kind="factor_failed").count() == 1
    assert not SecurityEvent.objects.filter(kind="signed_in").exists()


@pytest.mark.parametrize("code", ["", "1" * 500, "数字", "\U0001f600", "-", "٠١٢٣٤٥"])
def test_odd_codes_are_wrong_codes(half_way, code):
    assert enter_code(half_way, code).status_code == 200
    assert not is_signed_in(half_way)


def test_the_secret_is_not_in_the_database(user):
    with_app(user)
    [app, codes] = user.authenticator_set.order_by("pk")
    assert "GEZDGNBV" not in str(app.data)
    assert all(len(hashed) == 64 for hashed in codes.data["hashes"])


def test_a_person_who_was_deactivated_meanwhile_is_refused(user, half_way):
    user.is_active = False
    user.save()
    enter_code(half_way, code_now())
    assert half_way.get("/orders/").url.startswith("/login/")


def test_the_log_tells_by_which_steps_somebody_signed_in(user, half_way, client):
    enter_code(half_way, code_now())
    assert SecurityEvent.objects.get(kind="signed_in").detail == "password, totp"
    other = factories.UserFactory()
    enter_password(client, other)
    assert SecurityEvent.objects.get(kind="signed_in", user=other).detail == "password"
