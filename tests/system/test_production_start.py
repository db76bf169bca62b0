"""The documented start, from an empty database and an empty folder up to a sealed contract, with DEBUG off."""

import json
import os
import subprocess
import sys

import pytest

from tests import factories
from tests.system import servers
from tests.system.calls import Caller
from tests.system.processes import ROOT, Process, wait_for

pytestmark = pytest.mark.postgresql
TICKETS = "/api/v1/contracts/<str:number>/void-tickets/"
TASKS = "config.tasks"


@pytest.fixture
def environment(cluster, broker, redis, tmp_path) -> dict[str, str]:
    """What docs/settings.md asks for, and nothing of the test run's own settings."""
    return {
        "PATH": os.environ["PATH"],
        "DEBUG": "false",
        "SECRET_KEY": "k" * 50,
        "ALLOWED_HOSTS": "127.0.0.1",
        "SITE_URL": "https://127.0.0.1",
        "DATABASE_URL": cluster.url,
        "REDIS_URL": redis.url,
        "DATA_DIR": str(tmp_path),
        "SEAL_P12": str(tmp_path / "seal/seal.p12"),
        "SEAL_ALLOW_TEST": "true",
        "EMAIL_URL": "smtp://127.0.0.1:1",
        "DEFAULT_FROM_EMAIL": "contracts@example.com",
        "PYTHONUNBUFFERED": "1",
    }


def manage(environment: dict[str, str], *words: str) -> str:
    command = [sys.executable, "manage.py", *words]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def lines(process: Process, **facts: str) -> list[dict]:
    """Of its log, which is JSON, those that say all of this."""
    said = [json.loads(line) for line in process.log.read_text().splitlines() if line.startswith("{")]
    return [line for line in said if facts.items() <= line.items()]


def seal_one(caller: Caller, order: str) -> dict:
    drafted = caller.post("/api/v1/contracts/", {"type": "order", "order_numbers": [order]})
    assert drafted.status == 201, drafted.body
    official = caller.post(f"/api/v1/contracts/{drafted.json['number']}/convert/")
    assert (official.status, official.json["status"]) == (200, "official"), official.body
    return official.json


def test_started_as_documented_it_seals_a_contract_that_anybody_can_verify(environment):
    for words in (["init_seal"], ["migrate"], ["collectstatic", "--noinput"], ["check_seal"]):
        manage(environment, *words)
    factories.IssuerFactory()
    account = factories.PartyProfileFactory().account
    membership = factories.MembershipFactory(account=account, user__email="li@customer.example")
    order = factories.PaidOrderFactory(account=membership.account)
    token = manage(environment, "create_api_token", membership.user.username).strip()

    with servers.web(environment) as web, servers.worker(environment) as worker, servers.beat(environment):
        outside = Caller(web.port, by_https=True)
        wait_for("every part is ready", lambda: outside.get("/readyz").status == 200)
        page = outside.get("/login/")
        assert page.status == 200
        assert Caller(web.port).get("/login/").status == 301  # to https
        contract = seal_one(Caller(web.port, token, by_https=True), order.number)
        document = Caller(web.port, token, by_https=True).get(f"/api/v1/contracts/{contract['number']}/document/")
        assert document.body.count(b"/ByteRange") == 1
        verdict = outside.get(f"/api/v1/verify/{contract['verification_code']}/").json
        assert (verdict["status"], verdict["sha256"]) == ("official", contract["document"]["sha256"])
        tickets = f"/api/v1/contracts/{contract['number']}/void-tickets/"
        assert Caller(web.port, token, by_https=True).post(tickets, {"reason": "Wrong order"}).status == 201
        asked = wait_for("the request is logged", lambda: lines(web.process, route=TICKETS))
        wait_for("its task is, under its id", lambda: lines(worker, logger=TASKS, request_id=asked[0]["request_id"]))
        assert {(line["contract"], line["account"]) for line in asked} == {(contract["number"], account.number)}
        assert "li@customer" not in web.process.log.read_text() + worker.log.read_text()
    manage(environment, "verify_archive")
