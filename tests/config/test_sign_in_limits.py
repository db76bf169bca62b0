"""Limits on failed sign-ins across names and across addresses: 30 per address and 25 per name in 15 minutes."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.cache import caches
from django.core.management import call_command
from django.test import Client

from accounts.models import SecurityEvent
from accounts.sign_in import limits
from accounts.sign_in.passwords import set_password
from common.counting_caches import AWAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
PAGES = ["/login/", "/admin/login/"]
TOO_OFTEN = "Wait 15 minutes, then try again."
SERVER, OTHER_SERVER = "192.0.2.1", "192.0.2.2"
WINDOW = timedelta(minutes=15)
SECOND = timedelta(seconds=1)


@pytest.fixture
def user(membership):
    membership.user.is_staff = True
    membership.user.save()
    return membership.user


@pytest.fixture
def low_limits(monkeypatch) -> None:
    """8 failures per address and 6 per name instead of 30 and 25: what follows from them takes fewer."""
    monkeypatch.setattr(limits, "FAILURES_PER_ADDRESS", 8)
    monkeypatch.setattr(limits, "FAILURES_PER_NAME", 6)


@pytest.fixture(params=PAGES)
def sign_in_page(request) -> str:
    return request.param


def sign_in(name: str, password: str = "secret", *, address: str, page: str = "/login/"):
    return Client(REMOTE_ADDR=address).post(page, {"username": name, "password": password, "next": "/orders/"})


def fail_by_many_names(times: int, *, addresses: list[str], first: int = 0) -> list[int]:
    """Fail once per name, on both pages and from all addresses in turn."""
    return [
        sign_in(f"name{i}", "wrong", address=addresses[i % len(addresses)], page=PAGES[i // 2 % 2]).status_code
        for i in range(first, first + times)
    ]


def fail_from_many_addresses(name: str, times: int) -> list[int]:
    """Fail once per address, on both pages in turn."""
    return [sign_in(name, "wrong", address=f"198.51.100.{i}", page=PAGES[i % 2]).status_code for i in range(times)]


def is_locked(name: str, *, address: str, page: str = "/login/") -> bool:
    """Sign in with the right password: true if it is refused and the page says why."""
    answer = sign_in(name, address=address, page=page)
    if answer.status_code == 302:
        return False
    assert answer.status_code == 429
    assert TOO_OFTEN in answer.text
    return True


def test_30_failures_by_many_names_lock_the_address_and_no_other(user, sign_in_page):
    assert fail_by_many_names(29, addresses=[SERVER]) == [200] * 29
    assert not is_locked(user.username, address=SERVER, page=sign_in_page)

    assert fail_by_many_names(1, addresses=[SERVER], first=29) == [200]  # the success before has reset nothing
    assert is_locked(user.username, address=SERVER, page=sign_in_page)
    assert sign_in("another name", "wrong", address=SERVER, page=sign_in_page).status_code == 429
    assert not is_locked(user.username, address=OTHER_SERVER, page=sign_in_page)


def test_a_locked_address_opens_15_minutes_after_its_first_failure(user, clock, low_limits):
    fail_by_many_names(1, addresses=[SERVER])
    clock.shift(timedelta(minutes=14))
    fail_by_many_names(7, addresses=[SERVER], first=1)
    assert is_locked(user.username, address=SERVER)
    clock.shift(timedelta(minutes=1) - SECOND)
    assert is_locked(user.username, address=SERVER)  # and this does not make it longer
    clock.shift(SECOND)
    assert not is_locked(user.username, address=SERVER)


def test_in_a_locked_address_sessions_and_tokens_go_on(user, api, low_limits):
    session = Client()
    session.force_login(user)
    fail_by_many_names(8, addresses=["127.0.0.1"])
    assert is_locked(user.username, address="127.0.0.1")
    assert session.get("/orders/").status_code == 200
    assert api.get("account/").status_code == 200


def test_25_failures_from_many_addresses_lock_the_name_and_no_other(user, sign_in_page, django_user_model):
    django_user_model.objects.create_user("somebody", password="secret", is_staff=True)
    assert fail_from_many_addresses(user.username, 24) == [200] * 24
    assert not is_locked(user.username, address=SERVER, page=sign_in_page)

    assert sign_in(user.username, "wrong", address=OTHER_SERVER).status_code == 200  # the success has reset nothing
    assert is_locked(user.username, address=SERVER, page=sign_in_page)
    assert is_locked(user.username, address=OTHER_SERVER, page=sign_in_page)
    assert not is_locked("somebody", address=SERVER, page=sign_in_page)


def test_five_failures_from_each_of_five_addresses_lock_the_name_too(user):
    for i in range(5):
        answers = [sign_in(user.username, "wrong", address=f"198.51.100.{i}").status_code for _ in range(7)]
        assert answers == [200] * 4 + [429] * 3
        assert is_locked(user.username, address=SERVER) == (i == 4)


def test_a_name_that_nobody_has_is_locked_alike(low_limits):
    assert fail_from_many_addresses("nobody", 7) == [200] * 6 + [429]


def test_a_locked_name_opens_15_minutes_after_its_first_failure(user, clock, low_limits):
    fail_from_many_addresses(user.username, 6)
    clock.shift(WINDOW - SECOND)
    assert is_locked(user.username, address=SERVER)  # and this does not make it longer
    clock.shift(SECOND)
    assert not is_locked(user.username, address=SERVER)


def test_a_new_password_opens_a_locked_name(user, low_limits):
    fail_from_many_addresses(user.username, 6)
    assert is_locked(user.username, address=SERVER)
    set_password(user=user, password="a-long-walk-by-the-river", by_id=user.pk)
    assert sign_in(user.username, "a-long-walk-by-the-river", address=SERVER).status_code == 302


def test_a_new_password_does_not_open_a_locked_address(user, low_limits):
    fail_by_many_names(8, addresses=[SERVER])
    set_password(user=user, password="secret", by_id=user.pk)
    assert is_locked(user.username, address=SERVER)
    assert not is_locked(user.username, address=OTHER_SERVER)


def test_an_operator_opens_a_locked_name(user, low_limits):
    fail_from_many_addresses(user.username, 6)
    call_command("axes_reset_username", user.username, stdout=StringIO())
    assert not is_locked(user.username, address=SERVER)


@pytest.mark.parametrize("network", [SERVER, "2001:db8:1:1::"])
def test_an_operator_opens_a_locked_address(user, network, low_limits):
    fail_by_many_names(8, addresses=[network])
    call_command("axes_reset_ip", network, stdout=StringIO())
    assert not is_locked(user.username, address=network)


@pytest.mark.parametrize("error", AWAY)
def test_a_password_is_set_while_the_cache_is_away(user, monkeypatch, caplog, error):
    def refuse(*args, **kwargs):
        raise error("no answer")

    monkeypatch.setattr(caches["shared"], "delete", refuse)
    set_password(user=user, password="a-long-walk-by-the-river", by_id=user.pk)
    user.refresh_from_db()
    assert user.check_password("a-long-walk-by-the-river")
    assert "a limit is not lifted" in caplog.text


def test_only_passwords_that_were_looked_at_are_recorded(user, low_limits):
    fail_from_many_addresses(user.username, 9)
    assert SecurityEvent.objects.filter(kind=SecurityEvent.Kind.SIGN_IN_FAILED).count() == 6


ONE_NETWORK = ["2001:db8:1:1::1", "2001:db8:1:1:ffff:ffff:ffff:ffff"]
NEXT_NETWORK = "2001:db8:1:2::1"


def test_addresses_of_one_ipv6_network_count_together_for_many_names(user, sign_in_page, low_limits):
    assert fail_by_many_names(8, addresses=ONE_NETWORK) == [200] * 8
    assert is_locked(user.username, address="2001:db8:1:1::5", page=sign_in_page)
    assert not is_locked(user.username, address=NEXT_NETWORK, page=sign_in_page)


def test_addresses_of_one_ipv6_network_count_together_for_one_name(user, sign_in_page):
    answers = [
        sign_in(user.username, "wrong", address=ONE_NETWORK[i % 2], page=PAGES[i // 2 % 2]).status_code
        for i in range(5)
    ]
    assert answers == [200, 200, 200, 200, 429]
    assert is_locked(user.username, address="2001:db8:1:1::5", page=sign_in_page)
    assert not is_locked(user.username, address=NEXT_NETWORK, page=sign_in_page)


def test_different_ipv6_networks_do_not_count_together(user, low_limits):
    networks = [f"2001:db8:1:{i}::1" for i in range(1, 7)]
    assert fail_by_many_names(8, addresses=networks) == [200] * 8
    assert not is_locked(user.username, address=networks[0])


def test_an_ipv4_address_written_as_ipv6_is_the_same_address(user, low_limits):
    fail_by_many_names(8, addresses=[SERVER, f"::ffff:{SERVER}"])
    assert is_locked(user.username, address=f"::ffff:{SERVER}")
    assert is_locked(user.username, address=SERVER)
    assert not is_locked(user.username, address=f"::ffff:{OTHER_SERVER}")


def test_links_for_new_passwords_are_counted_by_ipv6_network_too():
    def ask(address: str) -> int:
        return Client(REMOTE_ADDR=address).post("/password/", {"email": "nobody@else.example"}).status_code

    assert [ask(ONE_NETWORK[i % 2]) for i in range(11)] == [302] * 10 + [429]
    assert ask(NEXT_NETWORK) == 302


def test_old_passwords_are_counted_together_on_the_page_and_in_the_back_office(user):
    client = Client()
    client.force_login(user)
    given = {"old_password": "wrong", "new_password1": "a-long-walk-by", "new_password2": "a-long-walk-by"}
    for i in range(10):
        page = ["/account/password/", "/admin/password_change/"][i % 2]
        assert client.post(page, given, REMOTE_ADDR=f"198.51.100.{i}").status_code in (200, 400)
    for page in ["/account/password/", "/admin/password_change/"]:
        assert client.post(page, {**given, "old_password": "secret"}).status_code == 429
