"""The documented start, from an empty database up to a sealed contract: DEBUG off, and nothing but what the image has.

Neither the tests nor any package that is for development only is within its reach.
"""

import json
import re
import secrets
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import yaml

from tests import factories
from tests.system.calls import Caller, Unanswered
from tests.system.delivery import contents, deliver
from tests.system.processes import ROOT, Process, free_port, running, wait_for

pytestmark = [pytest.mark.exhaustive, pytest.mark.postgresql]
TICKETS = "/api/v1/contracts/<str:number>/void-tickets/"
TASKS = "config.tasks"
README = (ROOT / "README.md").read_text().split("\n## Go to production\n")[1].split("\n## ")[0]
COMMANDS = [line.split("  #")[0].strip() for line in README.splitlines() if line.startswith("    ")]
SERVICES = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
LASTING = ("gunicorn", "celery")
FIRST = {
    "README.md": [command for command in COMMANDS if "manage.py" in command],
    "compose.yaml": [
        "python manage.py init_seal",
        *re.findall(r"/opt/venv/bin/(python manage\.py collectstatic [\w-]+)", DOCKERFILE),
        SERVICES["migrate"]["command"],
    ],
}
THEN = {
    "README.md": [command for command in COMMANDS if Path(command.split()[0]).name in LASTING],
    "compose.yaml": [
        shlex.join(yaml.safe_load(re.findall(r"^CMD (.+)$", DOCKERFILE, re.MULTILINE)[-1])),
        *(service["command"] for name, service in SERVICES.items() if name.split("-")[0] == "worker"),
        SERVICES["beat"]["command"],
    ],
}


@pytest.fixture
def app(tmp_path) -> Path:
    folder = tmp_path / "app"
    folder.mkdir()
    deliver(folder)
    return folder


@pytest.fixture
def environment(app, cluster, broker, redis, mails, tmp_path) -> dict[str, str]:
    """What docs/settings.md asks for and what the image sets, and nothing of the test run's own settings."""
    return {
        "PATH": f"{app}/.venv/bin:/usr/bin:/bin",
        "HOME": "/nowhere",
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "DEBUG": "false",
        "SECRET_KEY": secrets.token_hex(32),
        "ALLOWED_HOSTS": "127.0.0.1",
        "SITE_URL": "https://127.0.0.1",
        "DATABASE_URL": cluster.url,
        "REDIS_URL": redis.url,
        "DATA_DIR": str(tmp_path / "data"),
        "SEAL_P12": str(tmp_path / "data/seal/seal.p12"),
        "SEAL_ALLOW_TEST": "true",
        "EMAIL_URL": mails.url,
        "DEFAULT_FROM_EMAIL": "contracts@example.com",
        "PORT": str(free_port()),
    }


def given_to(command: str, environment: dict[str, str]) -> dict[str, str]:
    """What the command is given: the seal, if it seals or verifies."""
    words = shlex.split(command)
    seals = {"init_seal", "check_seal", "check_system", "verify_archive"} & {*words} or "gunicorn" in words[0]
    works = "worker" in words and ("-Q" not in words or "sealing" in words)
    return {name: value for name, value in environment.items() if seals or works or name != "SEAL_P12"}


def run(command: str, app: Path, environment: dict[str, str]) -> str:
    words, given = ["/usr/bin/env", *shlex.split(command)], given_to(command, environment)
    done = subprocess.run(words, cwd=app, env=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def lines(process: Process, **facts: str) -> list[dict]:
    """Of its log, which is JSON, those that say all of this."""
    said = [json.loads(line) for line in process.log.read_text().splitlines() if line.startswith("{")]
    return [line for line in said if facts.items() <= line.items()]


@contextmanager
def started(commands: list[str], app: Path, environment: dict[str, str]) -> Iterator[tuple[Caller, list[Process]]]:
    """All of them, once every part says that it is ready; and whoever calls them through the proxy."""
    outside = Caller(int(environment["PORT"]), by_https=True)
    processes = []
    with ExitStack() as running_ones:
        for number, command in enumerate(commands):
            words = ["/usr/bin/env", *shlex.split(command)]
            words += ["--bind", f"127.0.0.1:{outside.port}"] if "gunicorn" in words[1] else []
            log = app.parent / f"process-{number}.log"
            process = running(words, log=log, environment=given_to(command, environment), folder=app)
            processes.append(running_ones.enter_context(process))
        wait_for("every part is ready", lambda: is_ready(outside), patience=120)
        yield outside, processes


def is_ready(outside: Caller) -> bool:
    try:
        return outside.get("/readyz").status == 200
    except Unanswered:
        return False


def seal_one(caller: Caller, order: str) -> dict:
    drafted = caller.post("/api/v1/contracts/", {"type": "order", "order_numbers": [order]})
    assert drafted.status == 201, drafted.body
    official = caller.post(f"/api/v1/contracts/{drafted.json['number']}/convert/")
    assert (official.status, official.json["status"]) == (200, "official"), official.body
    return official.json


@pytest.mark.parametrize("document", FIRST)
def test_started_as_documented_it_seals_a_contract_that_anybody_can_verify(document, app, environment):
    for command in FIRST[document]:
        run(command, app, environment)
    factories.IssuerFactory()
    account = factories.PartyProfileFactory().account
    membership = factories.MembershipFactory(account=account, user__email="li@customer.example")
    order = factories.PaidOrderFactory(account=membership.account)
    token = run(f"python manage.py create_api_token {membership.user.username}", app, environment).strip()
    delivered = contents(app)

    with started(THEN[document], app, environment) as (outside, (web, *workers, _beat)):
        assert outside.get("/login/").status == 200
        assert Caller(outside.port).get("/login/").status == 301  # to https
        run("python scripts/healthcheck.py", app, environment)
        run("python manage.py check_system", app, environment)
        inside = Caller(outside.port, token, by_https=True)
        contract = seal_one(inside, order.number)
        sealed = inside.get(f"/api/v1/contracts/{contract['number']}/document/").body
        assert sealed.count(b"/ByteRange") == 1
        verdict = outside.get(f"/api/v1/verify/{contract['verification_code']}/").json
        assert (verdict["status"], verdict["sha256"]) == ("official", contract["document"]["sha256"])
        tickets = f"/api/v1/contracts/{contract['number']}/void-tickets/"
        assert inside.post(tickets, {"reason": "Wrong order"}).status == 201
        asked = wait_for("the request is logged", lambda: lines(web, route=TICKETS))
        wait_for(
            "its task is, under its id",
            lambda: [line for one in workers for line in lines(one, logger=TASKS, request_id=asked[0]["request_id"])],
        )
        assert {(line["contract"], line["account"]) for line in asked} == {(contract["number"], account.number)}
        assert "li@customer" not in "".join(one.log.read_text() for one in (web, *workers))
    run("python manage.py verify_archive", app, environment)
    assert contents(app) == delivered  # a root file system that cannot be written will do


def test_the_runtime_is_installed_as_documented():
    """The environment of these tests is made by what README.md says."""
    [install] = [command for command in COMMANDS if " -m pip " in command]
    made = (ROOT / "Makefile").read_text().split("\n.venv-runtime/installed:")[1].split("\n\n")[0]
    for option in ("--require-hashes", "--only-binary :all:"):
        assert option in install
        assert option in made
    assert install.endswith("-r requirements/runtime.txt")
    assert made.startswith(" requirements/runtime.txt ")
