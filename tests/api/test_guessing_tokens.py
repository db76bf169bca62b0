"""60 wrong tokens a minute from one address; valid ones from there are answered all the same."""

import pytest
from django.test import Client, override_settings

from tests.conftest import CheckedClient

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
WRONG = ["Token nonsense", "Token", "Token two words", "Token \xff\xfe"]


def guess(token: str = WRONG[0], **where: str):
    return CheckedClient(headers={"Authorization": token}).get("/api/v1/account/", **where)


def test_60_are_wrong_and_the_next_one_is_too_many(clock):
    answers = [guess(WRONG[i % 4]) for i in range(60)]
    assert {answer.status_code for answer in answers} == {401}
    assert answers[-1]["RateLimit"] == '"wrong-tokens";r=0;t=60'

    clock.shift(15)
    refused = guess()
    assert (refused.status_code, refused.json()["code"], refused["Retry-After"]) == (429, "throttled", "45")
    assert "invalid tokens" in refused.json()["detail"]
    clock.shift(45)
    assert guess().status_code == 401


def test_a_valid_token_from_that_address_is_answered_and_from_another_address_all_are(api):
    for _ in range(61):
        refused = guess()
    assert refused.status_code == 429

    answer = api.get("account/")
    assert (answer.status_code, answer["RateLimit-Policy"][:7]) == (200, '"token"')
    assert guess(REMOTE_ADDR="192.0.2.1").status_code == 401


def test_calls_without_a_token_and_right_ones_are_no_guesses(api):
    for _ in range(61):
        assert Client().get("/api/v1/account/").status_code == 401
        assert api.get("account/").status_code == 200
    assert guess()["RateLimit"] == '"wrong-tokens";r=59;t=60'


def test_behind_trusted_proxies_the_address_is_the_one_that_they_saw(settings):
    with override_settings(REST_FRAMEWORK={**settings.REST_FRAMEWORK, "NUM_PROXIES": 1}):
        for i in range(61):
            refused = guess(HTTP_X_FORWARDED_FOR=f"10.0.0.{i}, 192.0.2.1")
        other = guess(HTTP_X_FORWARDED_FOR="192.0.2.2")

    assert (refused.status_code, other.status_code) == (429, 401)


def test_addresses_of_one_ipv6_network_count_together():
    one_network = ["2001:db8:1:1::1", "2001:db8:1:1:ffff:ffff:ffff:ffff"]
    assert [guess(REMOTE_ADDR=one_network[i % 2]).status_code for i in range(61)] == [401] * 60 + [429]
    assert guess(REMOTE_ADDR="2001:db8:1:1::5").status_code == 429
    assert guess(REMOTE_ADDR="2001:db8:1:2::1").status_code == 401


def test_a_limit_on_calls_set_to_none_leaves_this_one(settings):
    settings.API_RATE = 0
    for _ in range(61):
        refused = guess()
    assert refused.status_code == 429
