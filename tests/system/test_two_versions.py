"""The site is upgraded while customers work: the last release and this version serve the same database."""

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from pathlib import Path

import pytest

from contracts.models import Contract
from tests.contracts.races.racing import everything_holds
from tests.system import servers
from tests.system.backups import stored_in
from tests.system.calls import Answer, Caller
from tests.system.load import Load, customer
from tests.system.processes import ROOT, say
from tests.system.releases import unpack_code, versions
from tests.system.surroundings import environment_on

pytestmark = [pytest.mark.exhaustive, pytest.mark.postgresql]
CUSTOMERS = 4
APPLICATIONS = 8
"""By each customer, in each part of the upgrade."""


class Balancer:
    """Calls one web process after the other, as a proxy in front of them does."""

    def __init__(self, token: str, *ports: int) -> None:
        self._callers = cycle([Caller(port, token) for port in ports])

    def get(self, path: str) -> Answer:
        return next(self._callers).get(path)

    def post(self, path: str, body: object = None, *, key: str = "") -> Answer:
        return next(self._callers).post(path, body, key=key)


@pytest.fixture
def release(tmp_path) -> Path:
    folder = tmp_path / "release"
    unpack_code(versions()[-1], folder)
    return folder


@pytest.fixture
def environment(cluster, broker, redis, tmp_path, settings) -> dict[str, str]:
    stored_in(tmp_path / "files", settings)
    return environment_on(cluster.url, redis=redis.url, folder=tmp_path)


def manage(code: Path, environment: dict[str, str], *words: str) -> str:
    """Run a command of this code, and return what it said."""
    command = [sys.executable, "manage.py", *words]
    done = subprocess.run(command, cwd=code, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def work(load: Load, caller: Balancer, orders: list[str], part: str, meanwhile: Callable[[], object] = int) -> None:
    """Customers apply, convert and void; `meanwhile` runs beside them."""
    with ThreadPoolExecutor(CUSTOMERS) as pool:
        working = [pool.submit(customer, load, caller, orders, f"{part}-{i}", APPLICATIONS) for i in range(CUSTOMERS)]
        meanwhile()
        for one in working:
            one.result(timeout=120)
    say(f"{part}: {len(load.answered)} answers, {Counter(answer.status for answer in load.answered)}")


def test_customers_notice_nothing_of_an_upgrade(release, environment):
    manage(release, environment, "migrate", "--verbosity", "0")
    manage(release, environment, "seed_demo")
    token = manage(release, environment, "create_api_token", "demo").split()[-1]
    load = Load()
    with servers.web(environment, threads=4, code=release) as old:
        listed = Caller(old.port, token).get("/api/v1/orders/?eligible_for=order&eligible=true&page_size=100").json
        orders = [order["number"] for order in listed["results"] if order["currency"] == "CNY"]
        work(
            load,
            Balancer(token, old.port),
            orders,
            "migrating",
            meanwhile=lambda: manage(ROOT, environment, "migrate", "--verbosity", "0"),
        )
        with servers.web(environment, threads=4) as new:
            work(load, Balancer(token, old.port, new.port), orders, "both versions")
            old.process.popen.send_signal(signal.SIGTERM)
            work(load, Balancer(token, new.port), orders, "this version")
    assert load.failures == []
    assert {
        contract.number: contract.status for contract in Contract.objects.filter(number__in=load.became)
    } == load.became
    everything_holds()
    assert "all sound" in manage(ROOT, environment, "verify_archive")
