"""Whoever guesses passwords has to wait, on pages and in the back office, and nobody else has to."""

from datetime import timedelta

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
PAGES = ["/login/", "/admin/login/"]
TOO_OFTEN = "Wait 15 minutes, then try again."


@pytest.fixture
def user(membership):
    membership.user.is_staff = True
    membership.user.save()
    return membership.user


def sign_in(name: str, password: str, *, page: str = "/login/", **where: str):
    return Client(**where).post(page, {"username": name, "password": password, "next": "/orders/"})


@pytest.fixture(params=PAGES)
def locked_out(request, user, clock) -> str:
    """The page on which somebody failed five times."""
    answers = [sign_in(user.username, "wrong", page=request.param).status_code for _ in range(5)]
    assert answers == [200, 200, 200, 200, 429]
    return request.param


def test_after_five_failures_even_the_right_password_waits(locked_out, user):
    for page in PAGES:
        answer = sign_in(user.username, "secret", page=page)
        assert answer.status_code == 429
        assert TOO_OFTEN in answer.text


def test_the_page_says_so_in_chinese_too(locked_out, user):
    client = Client(headers={"Accept-Language": "zh-hans"})
    assert 'lang="zh-hans"' in client.post("/login/", {"username": user.username, "password": "secret"}).text.lower()


def test_another_address_and_another_name_are_not_held_up(locked_out, user, django_user_model):
    django_user_model.objects.create_user("somebody", password="secret")
    assert sign_in(user.username, "secret", REMOTE_ADDR="192.0.2.7").status_code == 302
    assert sign_in("somebody", "secret").status_code == 302


def test_fifteen_minutes_later_the_right_password_opens(locked_out, user, clock):
    clock.shift(timedelta(minutes=14))
    assert sign_in(user.username, "secret").status_code == 429  # and this does not make it longer
    clock.shift(timedelta(minutes=1, seconds=1))
    assert sign_in(user.username, "secret").status_code == 302


def test_signing_in_forgets_the_failures_before(user, clock):
    for _ in range(3):
        for _ in range(4):
            assert sign_in(user.username, "wrong").status_code == 200
        assert sign_in(user.username, "secret").status_code == 302


def test_an_invented_forwarded_address_starts_no_new_count(locked_out, user):
    answer = sign_in(user.username, "secret", headers={"X-Forwarded-For": "192.0.2.8"})
    assert answer.status_code == 429


@pytest.mark.parametrize("said", ["192.0.2.8", "10.0.0.1, 192.0.2.8"])
def test_behind_a_proxy_its_word_is_the_address(settings, locked_out, user, said):
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": 1}
    for _ in range(5):
        sign_in(user.username, "wrong", headers={"X-Forwarded-For": said})
    assert sign_in(user.username, "secret", headers={"X-Forwarded-For": "192.0.2.8"}).status_code == 429
    assert sign_in(user.username, "secret", headers={"X-Forwarded-For": "192.0.2.9"}).status_code == 302
