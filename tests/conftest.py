"""Every run has a data folder, a storage and a test seal of its own; every test has the clock it asks for."""

import gc
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import time_machine
from celery import current_app
from django.conf import settings as django_settings
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations
from django.test import Client, override_settings
from django.utils import timezone, translation

from accounts.models import ApiToken, Issuer, Membership
from common.circuit_breaker import BREAKERS
from config.health import READINESS
from contracts import seal_keys
from tests import factories
from tests.api import conformance
from tests.tampering import guards_lifted

SEAL_MADE_AT = datetime.fromisoformat("2026-01-02T00:00:00+00:00")
SHARED_NOON = datetime.fromisoformat("2026-11-22T12:00:00+08:00")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker) -> Iterator[None]:
    """At the end, cut off what the live server is still answering, or the database could not be dropped.

    Tests whose transactions are real empty the database after them, which it refuses as long as its guards stand.
    """
    empty = connection.ops.execute_sql_flush

    def lift_and_empty(operations: BaseDatabaseOperations, statements: list[str]) -> None:
        with guards_lifted():
            empty(statements)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(connection.ops), "execute_sql_flush", lift_and_empty)
        yield
    with django_db_blocker.unblock():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
        connection.close()


@pytest.fixture(scope="session", autouse=True)
def _own_data_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    data = tmp_path_factory.mktemp("data")
    storages = {
        **django_settings.STORAGES,
        "default": {
            "BACKEND": "common.storage.DurableFileSystemStorage",
            "OPTIONS": {"location": str(data / "files"), "allow_overwrite": True},
        },
    }
    with override_settings(
        SESSION_COOKIE_AGE=400 * 24 * 60 * 60,  # tests move the clock by months and stay signed in
        SESSION_IDLE_SECONDS=400 * 24 * 60 * 60,
        DATA_DIR=data,
        SEAL_P12=str(data / "seal" / "seal.p12"),
        SEAL_P12_PASSPHRASE="",
        SEAL_ALLOW_TEST=True,
        STORAGES=storages,
        CACHES={
            **django_settings.CACHES,
            "shared": {
                "BACKEND": "common.counting_caches.CountingFileCache",
                "LOCATION": str(data / "cache"),
            },
        },
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    ):
        _use_own_broker(data / "broker")
        with time_machine.travel(SEAL_MADE_AT):  # before any time that a test asks for
            call_command("init_seal", verbosity=0)
            call_command("init_seal", "--test-accounts", verbosity=0)
        yield


def _use_own_broker(folder: Path) -> None:
    """Without Redis the broker is a folder: not the one of this machine's own system."""
    if not django_settings.REDIS_URL:
        options = current_app.conf.broker_transport_options
        own = {name: folder / Path(kept).name for name, kept in options.items()}
        for path in own.values():
            path.mkdir(parents=True, exist_ok=True)
        current_app.conf.broker_transport_options = {name: str(path) for name, path in own.items()}


@pytest.fixture(autouse=True)
def _empty_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one test has looked up says nothing of the next one's rows, nor of its servers."""
    for kept in caches.all():
        kept.clear()
    for breaker in BREAKERS:
        breaker.reset()
    READINESS.forget()
    monkeypatch.setattr("contracts.seal_keys._pinned", set())
    seal_keys._pinned.clear()


@pytest.fixture(autouse=True)
def _own_language() -> Iterator[None]:
    """The test client leaves the language of the last page active in its thread; no other test may see it."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def _clocks_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database's clock, and what the kernel counts, stand where the test's clock stands."""
    monkeypatch.setattr("jobs.trusted_time.database_now", timezone.now)
    monkeypatch.setattr("jobs.trusted_time.uptime", lambda: timezone.now().timestamp())


@pytest.fixture
def files(settings) -> Path:
    """The folder of the storage."""
    return Path(settings.STORAGES["default"]["OPTIONS"]["location"])


@pytest.fixture
def own_files(settings, tmp_path) -> Path:
    """The folder of a storage of this test's own: what others left would be files that no row names."""
    folder = tmp_path / "files"
    options = {"location": str(folder), "allow_overwrite": True}
    own = {"BACKEND": "common.storage.DurableFileSystemStorage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": own}
    return folder


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The clock stands at 2026-11-22 12:00 in Shanghai, on a seal made before; `clock.move_to` moves it."""
    with time_machine.travel(SHARED_NOON, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def issuer(db) -> Issuer:
    return factories.IssuerFactory()


@pytest.fixture
def membership(issuer) -> Membership:
    """The owner of a certified account whose details are known."""
    return factories.MembershipFactory(account=factories.PartyProfileFactory().account)


class CheckedClient(Client):
    """Every answer of the API, in whatever test, is one that its schema describes."""

    def request(self, **request):
        answer = super().request(**request)
        if request["PATH_INFO"].startswith("/api/v1/"):
            conformance.check(request["REQUEST_METHOD"], request["PATH_INFO"], answer)
        return answer


class Api:
    """A client of the API with the token of a member, or with none. Answers are Django's test responses."""

    def __init__(self, membership: Membership | None = None) -> None:
        token = ApiToken.for_member(membership)[1] if membership else ""
        self.client = CheckedClient(headers={"Authorization": f"Token {token}"} if token else {})

    def get(self, path: str, data: dict | None = None, **headers: str):
        return self.client.get(f"/api/v1/{path}", data, headers=headers)

    def post(self, path: str, data: dict | None = None, **headers: str):
        return self.client.post(f"/api/v1/{path}", data or {}, content_type="application/json", headers=headers)

    def put(self, path: str, data: dict):
        return self.client.put(f"/api/v1/{path}", data, content_type="application/json")

    def patch(self, path: str, data: dict):
        return self.client.patch(f"/api/v1/{path}", data, content_type="application/json")

    def apply(self, type: str, *orders, **fields):  # noqa: A002 - the API's word
        numbers = [getattr(order, "number", order) for order in orders]
        return self.post("contracts/", {"type": type, "order_numbers": numbers, **fields})


@pytest.fixture
def api(membership) -> Api:
    return Api(membership)


def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> None:
    """With NO_SKIPS, as in CI, where every part is there, a skipped test is a failed one."""
    if os.environ.get("NO_SKIPS") and call.excinfo and call.excinfo.errisinstance(pytest.skip.Exception):
        call.excinfo = pytest.ExceptionInfo.from_exc_info(
            (AssertionError, AssertionError(f"skipped: {call.excinfo.value}"), call.excinfo.tb)
        )


def pytest_configure() -> None:
    gc.disable()


def pytest_collection_finish() -> None:
    """What is loaded by now stays: the garbage collector need not look through it again and again."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("postgresql") and connection.vendor != "postgresql":
            item.add_marker(pytest.mark.skip(reason="needs PostgreSQL: set DATABASE_URL"))
    if rule := config.getoption("--rule"):
        items[:] = [item for item in items if any(mark.args == (rule,) for mark in item.iter_markers("rule"))]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rule", help="run only the tests that hold this rule of docs/rules.md, such as R7")
