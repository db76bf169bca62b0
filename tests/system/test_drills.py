"""Drills under a light load (docs/drills.md): parts fail and come back. Nothing is lost, and the system says which."""

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis as redis_client
from django.core.management import call_command
from django.db import connection

from accounts.access.actors import actor_of
from accounts.models import ApiToken
from contracts.models import Contract
from tests import factories
from tests.system import servers
from tests.system.backups import stored_in
from tests.system.calls import Caller
from tests.system.load import Load, customer, everything_is_as_told
from tests.system.mail import mail_server
from tests.system.processes import Process, say, wait_for
from tests.system.surroundings import environment_on, its_time_comes

pytestmark = [pytest.mark.exhaustive, pytest.mark.postgresql]
CUSTOMERS = 3
APPLICATIONS = 5
ORDERS = 400
END_ALL = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
)
CALLS = 12
"""Calls that customers make before a part fails, and again while it is away."""


@dataclass
class Scene:
    """The whole system at work."""

    cluster: servers.PostgreSQL
    redis: servers.Redis
    broker: Process
    web: servers.Web
    worker: Process
    beat: Process
    environment: dict[str, str]
    stack: ExitStack
    caller: Caller


@pytest.fixture
def scene(cluster, redis, tmp_path, settings) -> Iterator[Scene]:
    stored_in(tmp_path / "files", settings)
    call_command("migrate", verbosity=0)
    with ExitStack() as stack:
        broker = stack.enter_context(redis.running())
        mails = stack.enter_context(mail_server())
        environment = environment_on(cluster.url, redis=redis.url, folder=tmp_path, EMAIL_URL=mails.url)
        web = stack.enter_context(servers.web(environment, threads=4))
        worker = stack.enter_context(servers.worker(environment))
        beat = stack.enter_context(servers.beat(environment))
        yield Scene(cluster, redis, broker, web, worker, beat, environment, stack, Caller(web.port))


@contextmanager
def frozen_redis(scene: Scene) -> Iterator[None]:
    scene.broker.popen.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        scene.broker.popen.send_signal(signal.SIGCONT)


@contextmanager
def full_redis(scene: Scene) -> Iterator[None]:
    client = redis_client.Redis.from_url(scene.redis.url)
    client.config_set("maxmemory", 1)
    try:
        yield
    finally:
        client.config_set("maxmemory", 0)


@contextmanager
def ended_connections(scene: Scene) -> Iterator[None]:
    """Every connection to PostgreSQL is ended, three times while customers work."""
    with psycopg.connect(host=str(scene.cluster.folder), user="postgres", autocommit=True) as own:
        for _ in range(3):
            own.execute(END_ALL)
        yield


@contextmanager
def no_connection_left(scene: Scene) -> Iterator[None]:
    """Somebody else has taken all connections that PostgreSQL allows."""
    with ExitStack() as taken:
        own = taken.enter_context(
            psycopg.connect(
                host=str(scene.cluster.folder), user="postgres", autocommit=True, application_name="somebody else"
            )
        )
        for _ in range(3):
            own.execute(f"{END_ALL} AND application_name <> 'somebody else'")
            with suppress(psycopg.OperationalError):
                while True:
                    another = psycopg.connect(
                        host=str(scene.cluster.folder), user="postgres", application_name="somebody else"
                    )
                    taken.enter_context(another)
        yield


@contextmanager
def lost_storage(scene: Scene) -> Iterator[None]:
    """A file is where the folder of the documents was, so nothing can be written or read."""
    folder = Path(urlsplit(scene.environment["STORAGE_URL"]).path)
    away = folder.rename(folder.with_name("away"))
    folder.touch()
    try:
        yield
    finally:
        folder.unlink()
        away.rename(folder)


@contextmanager
def killed_web(scene: Scene) -> Iterator[None]:
    scene.web.process.kill_children()
    yield


@contextmanager
def killed_worker(scene: Scene) -> Iterator[None]:
    scene.worker.kill_all()
    yield
    scene.stack.enter_context(servers.worker(scene.environment))


@contextmanager
def killed_beat(scene: Scene) -> Iterator[None]:
    scene.beat.kill_all()
    yield
    scene.stack.enter_context(servers.beat(scene.environment))


@contextmanager
def second_beat(scene: Scene) -> Iterator[None]:
    with servers.beat(scene.environment):
        yield


@dataclass(frozen=True)
class Drill:
    fail: Callable[[Scene], AbstractContextManager[None]]
    """The part is away in the block."""
    part: str = ""
    """Of /readyz, which fails meanwhile."""
    statuses: frozenset[int] = frozenset()
    """Of calls that customers must make again; 0 where nobody answered."""


DRILLS = {
    "Redis freezes": Drill(frozen_redis, "broker"),
    "Redis is full": Drill(full_redis, "broker"),
    "PostgreSQL ends all connections": Drill(ended_connections, statuses=frozenset({503})),
    "PostgreSQL has no connection left": Drill(no_connection_left, "database", frozenset({503})),
    "the storage is lost": Drill(lost_storage, "storage", frozenset({503})),
    "both web processes are killed": Drill(killed_web, statuses=frozenset({0})),
    "the worker is killed": Drill(killed_worker),
    "beat is killed": Drill(killed_beat),
    "two beats run": Drill(second_beat),
}


@contextmanager
def customers_work(caller: Caller, orders: Sequence[str]) -> Iterator[Load]:
    """Customers apply, convert and void until the block ends, and what they still ask is answered."""
    load, ended = Load(), threading.Event()

    def go_on(name: str) -> None:
        for number in count():
            if ended.is_set():
                return
            customer(load, caller, orders, f"{name}-{number}", APPLICATIONS)

    with ThreadPoolExecutor(CUSTOMERS) as pool:
        working = [pool.submit(go_on, f"customer-{i}") for i in range(CUSTOMERS)]
        try:
            yield load
        finally:
            ended.set()
        for one in working:
            one.result(timeout=120)


def rehearse(name: str, scene: Scene, caller: Caller, load: Load, to_end: Contract) -> None:
    """One part is away while customers work, and a contract's time comes."""
    drill, failed_before, before = DRILLS[name], len(load.failures), calls(load)
    its_time_comes(to_end)
    connection.close()
    wait_for("customers work", lambda: calls(load) >= before + CALLS)
    began, before = time.monotonic(), calls(load)
    with drill.fail(scene):
        wait_for("customers go on", lambda: calls(load) >= before + CALLS)
        if drill.part:
            wait_for("it says so", lambda: failed_parts(caller) == {drill.part})
            assert scene.web.process.said(f"not ready: {drill.part}")
    ended = time.monotonic()
    wait_for("what came due is ended", lambda: Contract.objects.get(pk=to_end.pk).status == "invalid")
    wait_for("the system is ready again", lambda: caller.get("/readyz").status == 200)
    failures = load.failures[failed_before:]
    say(
        f"{name}: away for {ended - began:.1f} s, ready {time.monotonic() - ended:.1f} s later;"
        f" asked again: {dict(Counter(failure.status for failure in failures))}"
    )
    assert {failure.status for failure in failures} <= drill.statuses
    assert all(failure.began <= ended and failure.ended >= began for failure in failures)


def test_parts_fail_one_after_the_other_and_nothing_is_lost(scene):
    factories.IssuerFactory()
    member = factories.MembershipFactory(account=factories.PartyProfileFactory().account)
    orders = [factories.PaidOrderFactory(account=member.account).number for _ in range(ORDERS)]
    caller = Caller(scene.web.port, ApiToken.for_member(member)[1])
    due = {name: factories.draft(actor_of(member, "page"), type="payment_request") for name in DRILLS}
    wait_for("the system is ready", lambda: caller.get("/readyz").status == 200)
    with customers_work(caller, orders) as load:
        for name, contract in due.items():
            rehearse(name, scene, caller, load, contract)
    everything_is_as_told(load)
    say(f"{len(load.answered)} answers, {len(load.failures)} asked again")


def calls(load: Load) -> int:
    return len(load.answered) + len(load.failures)


def failed_parts(caller: Caller) -> set[str]:
    """Parts that /readyz names as failed, but for those that need the database."""
    answer = caller.get("/readyz")
    failed = {part for part, state in answer.json.items() if state == "failed"}
    return failed - ({"seal", "clock", "jobs"} if "database" in failed else set())
