"""Redis, the object store or the timestamp server hangs, and many ask for what needs it: the site goes on, and the
clock does as soon as it can.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

from accounts.access.actors import actor_of
from accounts.models import ApiToken
from config.environment import storage
from jobs.models import ClockRun
from tests.contracts.races.racing import everything_holds
from tests.contracts.sealing.conftest import make_authority
from tests.contracts.sealing.tsa import Unit, serving
from tests.factories import draft
from tests.system import servers
from tests.system.calls import Caller
from tests.system.mail import mail_server
from tests.system.processes import Process, say, wait_for
from tests.system.taps import Tap, tapped
from tests.system.watching import watched

pytestmark = [pytest.mark.exhaustive, pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
THREADS = 4
ATTACKERS = 8
"""As many as there are threads in both processes."""
ASKED = 40


class TimestampServer:
    """Answers, or hangs while told to."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self.flows = threading.Event()
        self.flows.set()

    def __call__(self, request: bytes) -> tuple[int, str, bytes]:
        self.flows.wait()
        return self._unit(request)


@dataclass(frozen=True)
class Stack:
    web: servers.Web
    caller: Caller
    redis: Process
    store: Tap
    timestamps: TimestampServer

    def health(self) -> int:
        return Caller(self.web.port).get("/healthz").status


@pytest.fixture
def store(monkeypatch, settings) -> Iterator[Tap]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    boto3.client("s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1").create_bucket(Bucket="drill")
    with tapped(port) as tap:
        settings.STORAGES = {**settings.STORAGES, "default": storage(url_of(tap))}
        yield tap
    server.stop()


def url_of(tap: Tap) -> str:
    return f"s3://drill/contracts?endpoint_url=http://127.0.0.1:{tap.port}&region_name=us-east-1"


@pytest.fixture
def stack(environment, redis, store, membership, tmp_path: Path) -> Iterator[Stack]:
    root = make_authority("Timestamp Root", rsa.generate_private_key(65537, 2048))
    (tmp_path / "tsa.pem").write_bytes(root.certificate.public_bytes(Encoding.PEM))
    timestamps = TimestampServer(Unit(root))
    with ExitStack() as stack:
        broker = stack.enter_context(redis.running())
        environment |= {
            "EMAIL_URL": stack.enter_context(mail_server()).url,
            "STORAGE_URL": url_of(store),
            "SEAL_TSA_URL": stack.enter_context(serving(timestamps)),
            "SEAL_TSA_ROOTS": str(tmp_path / "tsa.pem"),
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
        }
        web = stack.enter_context(servers.web(environment, threads=THREADS))
        stack.enter_context(servers.worker(environment))
        stack.enter_context(servers.beat(environment))
        caller = Caller(web.port, ApiToken.for_member(membership)[1])
        wait_for("the system is ready", lambda: caller.get("/readyz").status == 200)
        yield Stack(web, caller, broker, store, timestamps)
        timestamps.flows.set()


def clock_ran() -> object:
    return ClockRun.objects.get(job=ClockRun.Job.SETTLE).succeeded_at


@contextmanager
def attacked(stack: Stack, what: str, attack: Callable[[], int], refusal: int) -> Iterator[None]:
    """ATTACKERS make the call until /healthz was asked often enough, and until the call was refused too."""
    with watched(stack.health) as seen, watched(attack, at_once=ATTACKERS) as calls:
        yield
        wait_for(f"pages while {what} hangs", lambda: len(seen.answers) >= ASKED and refusal in calls.statuses)
    say(f"{what} hangs, {ATTACKERS} at it: /healthz {seen.figures()}; their own calls {calls.figures()}")
    assert seen.statuses == {200}


def test_whatever_hangs_the_site_goes_on(stack, membership):
    contract = draft(actor_of(membership, "api"))
    document, convert = (
        f"/api/v1/contracts/{contract.number}/document/",
        f"/api/v1/contracts/{contract.number}/convert/",
    )

    stack.store.hang()
    last = clock_ran()
    with attacked(stack, "the object store", lambda: stack.caller.get(document).status, refusal=503):
        wait_for("the clock runs meanwhile", lambda: clock_ran() != last)
    stack.store.flow()
    wait_for("documents are there again", lambda: stack.caller.get(document).status == 200)

    stack.timestamps.flows.clear()
    last = clock_ran()
    with attacked(stack, "the timestamp server", lambda: stack.caller.post(convert).status, refusal=503):
        wait_for("the clock runs meanwhile", lambda: clock_ran() != last)
    wait_for("it is told", lambda: stack.caller.get("/readyz").json["seal"] == "failed")

    os.kill(stack.redis.popen.pid, signal.SIGSTOP)
    with attacked(stack, "Redis", lambda: stack.caller.get("/readyz").status, refusal=503):
        assert stack.caller.get("/api/v1/contracts/").status == 200  # limits are not counted
    last = clock_ran()
    os.kill(stack.redis.popen.pid, signal.SIGCONT)
    wait_for("the clock runs again", lambda: clock_ran() != last)

    stack.timestamps.flows.set()
    wait_for("the draft is converted", lambda: stack.caller.post(convert).status == 200)
    everything_holds()
