"""So many calls a minute for each token, said in the headers of every answer."""

import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import caches
from django.test import Client
from redis.exceptions import ConnectionError as RedisAway

from accounts.access.actors import actor_of
from accounts.models import ApiToken
from common import counting_caches as counting
from config import settings as configured
from tests.conftest import Api
from tests.factories import MembershipFactory, draft

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
REDIS = "common.counting_caches.CountingRedisCache"


@pytest.fixture
def plain(membership) -> Client:
    """A client of the API whose answers need not carry the headers that the schema describes."""
    return Client(headers={"Authorization": f"Token {ApiToken.for_member(membership)[1]}"})


def test_every_answer_says_how_much_is_left(api, settings):
    settings.API_RATE = 5
    answers = [api.get("account/"), api.get("contracts/NONE/"), api.post("contracts/", {"type": "none"})]

    assert [answer.status_code for answer in answers] == [200, 404, 400]
    assert {answer["RateLimit-Policy"] for answer in answers} == {'"token";q=5;w=60'}
    assert [answer["RateLimit"] for answer in answers] == [f'"token";r={left};t=60' for left in (4, 3, 2)]


def test_who_has_used_it_up_is_told_when_to_come_back(api, settings, clock):
    settings.API_RATE = 2
    api.get("account/")
    clock.shift(20.5)
    api.get("account/")
    refused = api.apply("order")

    assert (refused.status_code, refused.json()["code"]) == (429, "throttled")
    assert refused["Retry-After"] == "40"
    assert refused["RateLimit"] == '"token";r=0;t=40'

    clock.shift(39)
    assert api.get("account/")["Retry-After"] == "1"
    clock.shift(0.5)
    assert api.get("account/")["RateLimit"] == '"token";r=1;t=60'


def test_who_keeps_to_it_in_every_minute_is_never_refused(api, settings, clock):
    """Whatever minute one looks at holds no more than three: two close together, then one, and so on."""
    settings.API_RATE = 3
    for pause in [1, 30, 29] * 5:
        assert api.get("account/").status_code == 200
        clock.shift(pause)


def test_another_token_is_not_affected(api, membership, settings):
    settings.API_RATE = 1
    other = Api(membership)

    assert [api.get("account/").status_code for _ in range(2)] == [200, 429]
    assert other.get("account/").status_code == 200
    assert Api(MembershipFactory()).get("account/").status_code == 200


def test_files_and_answers_without_a_body_say_it_too(api, membership):
    contract = draft(actor_of(membership, "api"))
    tag = api.get(f"contracts/{contract.number}/")["ETag"]
    unchanged = api.get(f"contracts/{contract.number}/", **{"If-None-Match": tag})

    assert unchanged.status_code == 304
    assert "RateLimit" in unchanged
    assert "RateLimit" in api.get(f"contracts/{contract.number}/document/")


def test_nothing_is_counted_without_a_limit(plain, settings, monkeypatch):
    settings.API_RATE = 0
    monkeypatch.delattr("common.counting_caches.CountingFileCache.count")
    answer = plain.get("/api/v1/account/")

    assert answer.status_code == 200
    assert "RateLimit" not in answer
    assert "RateLimit-Policy" not in answer


def test_those_without_a_token_are_told_of_no_limit(settings):
    settings.API_RATE = 1
    for _ in range(3):
        answer = Api().get("account/")
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Token")
        assert "RateLimit" not in answer
        assert Client().get("/api/v1/schema/").status_code == 200


def test_pages_and_verifications_do_not_count(api, settings):
    settings.API_RATE = 1
    assert api.client.get("/api/v1/verify/ABCD/")["RateLimit"] == '"verification";r=59;t=60'
    assert Client().get("/verify/", {"code": "ABCD"})["RateLimit-Policy"] == '"verification";q=60;w=60'
    api.client.get("/login/")

    assert api.get("account/").status_code == 200


@pytest.mark.parametrize("failure", [RedisAway("away"), OSError("disk full")])
def test_while_the_cache_is_away_nobody_is_held_up_and_the_log_says_so(plain, settings, monkeypatch, caplog, failure):
    def away(*given, **named):
        raise failure

    settings.API_RATE = 1
    monkeypatch.setattr("common.counting_caches.CountingFileCache.count", away)

    assert [plain.get("/api/v1/account/").status_code for _ in range(3)] == [200] * 3
    assert "the cache does not answer" in caplog.text


def test_a_redis_that_does_not_answer_is_left_alone_for_a_while(plain, settings, monkeypatch, caplog):
    settings.CACHES = {**settings.CACHES, "shared": {"BACKEND": REDIS, "LOCATION": "redis://127.0.0.1:1/0"}}
    answers = [plain.get("/api/v1/account/").status_code for _ in range(3)]

    assert answers == [200] * 3
    assert caplog.text.count("the cache does not answer") == 1
    monkeypatch.setattr("common.circuit_breaker.OPEN_SECONDS", 0)
    counting.REDIS.reset()
    for _ in range(2):
        plain.get("/api/v1/account/")
    assert caplog.text.count("the cache does not answer") == 3


@pytest.mark.skipif(not configured.REDIS_URL, reason="needs Redis: set REDIS_URL")
def test_in_redis_the_count_is_exact_whoever_counts_at_once(settings):
    settings.CACHES = {**settings.CACHES, "shared": configured.CACHES["shared"]}
    key = f"limit:test:{secrets.token_hex(8)}"

    def count(_: int) -> tuple[int, float]:
        return caches["shared"].count(key, 1, 60)

    with ThreadPoolExecutor(8) as crowd:  # each thread has a connection of its own, as processes have
        counted = list(crowd.map(count, range(200)))
    assert sorted(number for number, _ in counted) == list(range(1, 201))
    assert all(50 < left <= 60 for _, left in counted)


@pytest.mark.skipif(not configured.REDIS_URL, reason="needs Redis: set REDIS_URL")
def test_in_redis_a_window_ends(settings):
    settings.CACHES = {**settings.CACHES, "shared": configured.CACHES["shared"]}
    key = f"limit:test:{secrets.token_hex(8)}"
    cache = caches["shared"]
    cache.count(key, 4, 60)
    assert cache.count(key, 1, 6000)[1] <= 60, "what comes later must not make it longer"
    cache.touch(key, 0)  # its minute is over

    assert cache.count(key, 1, 60)[0] == 1


@pytest.mark.skipif(not configured.REDIS_URL, reason="needs Redis: set REDIS_URL")
def test_calls_are_counted_in_redis(api, settings):
    settings.API_RATE = 2
    settings.CACHES = {**settings.CACHES, "shared": configured.CACHES["shared"]}

    assert [api.get("account/").status_code for _ in range(3)] == [200, 200, 429]
