"""Whether it lives, and whether it can work."""

import socket
import threading
from functools import partial

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from kombu.transport.redis import Channel
from redis.exceptions import ResponseError

from config import health
from config.health import READINESS
from config.settings import REDIS_URL

pytestmark = pytest.mark.django_db
ALL_OK = {"database": "ok", "storage": "ok", "seal": "ok", "broker": "ok", "clock": "ok", "jobs": "ok"}


def test_healthz_answers_without_asking_anything(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")


def test_readyz_names_every_part(client):
    answer = client.get("/readyz")
    assert answer.status_code == 200, answer.content
    assert answer.json() == {"ready": True, **ALL_OK}


def test_readyz_says_which_part_fails(client, settings):
    settings.SEAL_P12 = "/nowhere/seal.p12"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, **ALL_OK, "seal": "failed"}


def test_what_comes_through_a_proxy_is_not_told_which_part_fails(client, settings):
    settings.SEAL_P12 = "/nowhere/seal.p12"
    answer = client.get("/readyz", headers={"X-Forwarded-For": "203.0.113.7"})
    assert (answer.status_code, answer.json()) == (503, {"ready": False})


def test_however_often_it_is_asked_it_looks_once_in_a_while(client, files, monkeypatch, django_assert_num_queries):
    client.get("/readyz")
    (files / "readyz.txt").unlink()
    with django_assert_num_queries(0):
        assert {client.get("/readyz").status_code for _ in range(20)} == {200}
    assert not (files / "readyz.txt").exists()
    monkeypatch.setattr(READINESS, "FRESH_SECONDS", 0)
    client.get("/readyz")
    assert (files / "readyz.txt").exists()


def test_while_one_look_hangs_nobody_else_waits_and_after_a_while_it_is_not_ready(client, monkeypatch):
    client.get("/readyz")
    hangs, ends = threading.Event(), threading.Event()

    def hang() -> None:
        hangs.set()
        ends.wait(60)

    monkeypatch.setattr(READINESS, "FRESH_SECONDS", 0)
    monkeypatch.setattr(health, "CHECKS", {"storage": hang})
    looking = threading.Thread(target=READINESS.parts)
    looking.start()
    try:
        assert hangs.wait(60)
        assert client.get("/readyz").json() == {"ready": True, **ALL_OK}  # as it was last
        monkeypatch.setattr(READINESS, "STALE_SECONDS", 0)
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()) == (503, {"ready": False})
    finally:
        ends.set()
        looking.join()


def test_a_database_that_lacks_a_migration_is_not_ready(client, caplog):
    app, name = max(key for key in MigrationRecorder(connection).applied_migrations() if key[0] == "contracts")
    MigrationRecorder(connection).record_unapplied(app, name)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["database"]) == (503, "failed")
    assert f"{app}.{name}" in caplog.text


def test_without_the_database_no_other_part_waits_for_it(client, monkeypatch):
    tried = []

    def away() -> None:
        raise OperationalError

    checks = {name: partial(tried.append, name) for name in health.CHECKS}
    monkeypatch.setattr(health, "CHECKS", {**checks, "database": away})
    parts = client.get("/readyz").json()
    assert {name for name, state in parts.items() if state == "failed"} == {"database", "seal", "clock", "jobs"}
    assert tried == ["storage", "broker"]


def test_a_timestamp_server_that_nobody_can_reach_is_not_ready(client, settings):
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.SEAL_TSA_URL = f"http://127.0.0.1:{server.getsockname()[1]}/"
        assert client.get("/readyz").json()["seal"] == "ok"
    READINESS.forget()
    assert client.get("/readyz").json()["seal"] == "failed"
    READINESS.forget()
    settings.SEAL_TSA_FAILURE = "seal_without"
    assert client.get("/readyz").json()["seal"] == "ok"


@pytest.mark.skipif(not REDIS_URL, reason="needs Redis: set REDIS_URL")
def test_a_redis_that_refuses_writes_is_not_ready(client, monkeypatch):
    class Full:
        def set(self, *_given: object, **_named: object) -> None:
            raise ResponseError("OOM command not allowed when used memory > 'maxmemory'.")

    monkeypatch.setattr(Channel, "client", Full())
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["broker"]) == (503, "failed")
