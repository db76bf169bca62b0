"""60 verifications a minute from one address, pages and API together; no more, and never fewer."""

import secrets
from ipaddress import ip_address

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from redis.exceptions import ConnectionError as RedisAway

from config import settings as configured
from contracts.verification.sandbox import Facts, Problem
from contracts.verification.throttle import VerificationThrottle

REDIS = {"BACKEND": "common.counting_caches.CountingRedisCache"}
pytestmark = pytest.mark.django_db


def by_page(client, **where: str):
    return client.get("/verify/", {"code": "ABCD"}, **where)


def by_api(client, **where: str):
    return client.get("/api/v1/verify/ABCD/", **where)


def file_by_page(client):
    return client.post("/verify/", {"file": SimpleUploadedFile("a.txt", b"a")})


def file_by_api(client):
    return client.post("/api/v1/verify/", {"file": SimpleUploadedFile("a.txt", b"a")})


@pytest.fixture
def six(monkeypatch) -> None:
    """6 verifications a minute instead of 60: what follows from the limit takes fewer."""
    monkeypatch.setattr(VerificationThrottle, "quota", 6)


def test_60_pass_and_the_next_one_waits_until_the_first_is_a_minute_old(client, clock):
    ways = [by_page, by_api, file_by_page, file_by_api]
    for i in range(60):
        assert ways[i % 4](client).status_code in (200, 404)
        clock.shift(0.5)
    for way in ways:
        answer = way(client)
        assert (answer.status_code, answer["Retry-After"]) == (429, "30")
    clock.shift(29)
    assert by_page(client)["Retry-After"] == "1"
    clock.shift(1)
    assert by_page(client).status_code == 200


def test_the_page_says_how_long_to_wait_and_the_api_has_its_code(client, clock, six):
    for _i in range(6):
        by_api(client)

    assert "Try again in 60 seconds" in by_page(client).text
    assert by_api(client).json()["code"] == "throttled"


def test_the_empty_page_and_the_root_are_not_counted(client, clock, six):
    for _i in range(7):
        assert client.get("/verify/").status_code == 200
    assert by_page(client).status_code == 200
    for _i in range(6):
        by_page(client)
    assert client.get("/verify/").status_code == 200
    assert client.get("/verify/root.pem").status_code == 200


def test_each_address_has_its_own_count(client, clock, six):
    for _i in range(6):
        by_api(client, REMOTE_ADDR="192.0.2.1")

    assert by_api(client, REMOTE_ADDR="192.0.2.1").status_code == 429
    assert by_api(client, REMOTE_ADDR="2001:db8::1").status_code == 404


def test_a_header_that_anybody_may_send_makes_no_new_address(client, clock, six):
    answers = [by_api(client, HTTP_X_FORWARDED_FOR=f"203.0.113.{i}").status_code for i in range(7)]

    assert answers == [404] * 6 + [429]


def test_behind_trusted_proxies_the_address_is_the_one_that_they_saw(client, clock, six, settings):
    with override_settings(REST_FRAMEWORK={**settings.REST_FRAMEWORK, "NUM_PROXIES": 1}):
        forged = [by_api(client, HTTP_X_FORWARDED_FOR=f"10.0.0.{i}, 192.0.2.1").status_code for i in range(7)]
        other = by_api(client, HTTP_X_FORWARDED_FOR="192.0.2.2").status_code

    assert forged == [404] * 6 + [429]
    assert other == 404


@pytest.mark.parametrize("failure", [RedisAway("away"), OSError("disk full")])
def test_while_the_cache_is_away_verification_goes_on_and_the_log_says_so(client, monkeypatch, caplog, failure):
    def away(*given, **named):
        raise failure

    for name in ("get", "set"):
        monkeypatch.setattr(f"django.core.cache.backends.filebased.FileBasedCache.{name}", away)
    answers = [by_api(client).status_code for _i in range(61)]

    assert answers == [404] * 61
    assert "the cache does not answer" in caplog.text


@pytest.mark.parametrize(("cpu_seconds", "allowed"), [(0.24, 60), (0.5, 20), (5.0, 3)])
def test_a_file_counts_by_the_cpu_time_that_it_took(client, clock, monkeypatch, cpu_seconds, allowed):
    facts = Facts(Problem.UNREADABLE, cpu_seconds=cpu_seconds)
    monkeypatch.setattr("contracts.verification.file_verdict.read_in_sandbox", lambda *_, **__: facts)
    answers = []
    for _i in range(allowed // 2 + 2):
        for way in ("/verify/", "/api/v1/verify/"):
            answers.append(client.post(way, {"file": SimpleUploadedFile("a.pdf", b"%PDF-")}).status_code)

    assert answers.index(429) == allowed


def test_the_count_is_in_no_process_of_its_own(settings):
    """The default cache is, each in its memory."""
    assert "locmem" not in settings.CACHES["shared"]["BACKEND"]
    assert "locmem" not in configured.CACHES["shared"]["BACKEND"]


@pytest.mark.skipif(not configured.REDIS_URL, reason="needs Redis: set REDIS_URL")
def test_in_redis(client, clock, settings):
    settings.CACHES = {**settings.CACHES, "shared": configured.CACHES["shared"]}
    address = str(ip_address(secrets.token_bytes(16)))
    answers = [by_api(client, REMOTE_ADDR=address).status_code for _i in range(61)]

    assert answers == [404] * 60 + [429]


def test_a_redis_that_does_not_answer(client, settings, caplog):
    away = {**REDIS, "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {**settings.CACHES, "shared": away}

    assert by_api(client).status_code == 404
    assert "the cache does not answer" in caplog.text
