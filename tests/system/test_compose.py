"""compose.yaml, started as docs/operations.md says, up to a contract that is sealed and verified through the proxy.

Needs the image (IMAGE=…, scripts/build_image.sh), the images of others or their stand-ins (scripts/build_stand_ins.sh),
and docker-compose of .venv-audit. podman stands in for Docker's daemon, and a thread for the timers of health checks.
"""

import http.client
import json
import os
import secrets
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from django.db import connection
from environ import Env

from tests import factories
from tests.system.processes import ROOT, running, wait_for

pytestmark = [pytest.mark.exhaustive, pytest.mark.postgresql]
HOST = "contracts.localhost"
"""A name for which Caddy issues a certificate of its own."""
IMAGE = os.environ.get("IMAGE", "")
DOCKER_COMPOSE = ROOT / ".venv-audit/bin/docker-compose"
PROJECT = "ecc-trial"
CONTAINERS_CONF = """
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_backend = "netavark"
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
"""
"""What podman needs on a machine without systemd. The limits are those that nobody may raise there."""

IS_READY = """
from urllib.request import Request, urlopen
print(urlopen(Request("http://127.0.0.1:8000/readyz", headers={"Host": "web"})).status)
"""
"""As a monitor inside asks."""


class Compose:
    """docker-compose in a folder with compose.yaml and .env."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.endswith("_URL")},
            "CONTAINERS_CONF": str(folder / "containers.conf"),
            "DOCKER_HOST": f"unix://{folder}/podman.sock",
        }

    def __call__(self, *words: str, check: bool = True) -> str:
        return self.run(str(DOCKER_COMPOSE), "--project-name", PROJECT, *words, check=check)

    def run(self, *command: str, check: bool = True) -> str:
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=180, check=False
        )
        assert done.returncode == 0 or not check, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    def podman(self, *words: str, check: bool = True) -> str:
        return self.run("podman", *words, check=check)

    def inspect(self, service: str, shown: str) -> str:
        return self.podman("inspect", "--format", shown, f"{PROJECT}-{service}-1").strip()

    def manage(self, *words: str) -> str:
        return self("exec", "-T", "web", "python", "manage.py", *words)


@contextmanager
def health_checks(compose: Compose) -> Iterator[None]:
    """Run the health checks of all containers again and again, as systemd's timers or Docker's daemon do."""
    ended = threading.Event()

    def go_on() -> None:
        while not ended.wait(1):
            for name in compose.podman("ps", "--format", "{{.Names}}", check=False).split():
                compose.podman("healthcheck", "run", name, check=False)

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@pytest.fixture
def compose(tmp_path) -> Iterator[Compose]:
    """The folder of an operator, and a podman that listens as Docker does."""
    shutil.copy(ROOT / "compose.yaml", tmp_path)
    (tmp_path / "deploy").mkdir()
    shutil.copy(ROOT / "deploy/Caddyfile", tmp_path / "deploy")
    (tmp_path / "containers.conf").write_text(CONTAINERS_CONF)
    given = {
        "PUBLIC_HOST": HOST,
        "SECRET_KEY": secrets.token_hex(32),
        "POSTGRES_PASSWORD": secrets.token_hex(16),
        "REDIS_PASSWORD": secrets.token_hex(16),
        "EMAIL_URL": "consolemail://",
        "DEFAULT_FROM_EMAIL": "'Contracts <contracts@example.com>'",
        "SEAL_ALLOW_TEST": "true",
        "RELEASE": IMAGE.split(":")[-1],
    }
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in given.items()))
    compose = Compose(tmp_path)
    service = ["podman", "system", "service", "--time=0", f"unix://{tmp_path}/podman.sock"]
    with running(service, log=tmp_path / "podman.log", environment=compose.environment):
        wait_for("podman listens", (tmp_path / "podman.sock").exists)
        try:
            yield compose
        finally:
            compose("down", "--volumes", "--timeout", "5", check=False)


@pytest.fixture
def database(compose, django_db_blocker) -> Iterator[None]:
    """The test's own connection leads to the database of the containers, once it is there."""
    kept = dict(connection.settings_dict)
    with django_db_blocker.unblock():
        connection.close()
        yield
        connection.close()
        connection.settings_dict.clear()
        connection.settings_dict.update(kept)


def reach_database(compose: Compose) -> None:
    address = compose.inspect("database", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}")
    given = dict(line.split("=", 1) for line in (compose.folder / ".env").read_text().splitlines())
    url = f"postgres://contracts:{given['POSTGRES_PASSWORD']}@{address}:5432/contracts"
    connection.settings_dict.update(Env.db_url_config(url))


def call(compose: Compose, method: str, path: str, body: object = None, token: str = "") -> tuple[int, bytes]:
    """Ask the proxy by its public name, as visitors do, and verify its certificate."""
    root = compose("exec", "-T", "proxy", "cat", "/data/caddy/pki/authorities/local/root.crt")
    headers = {"Host": HOST, "Content-Type": "application/json"} | (
        {"Authorization": f"Token {token}"} if token else {}
    )
    caller = http.client.HTTPSConnection(HOST, timeout=60)
    connected = socket.create_connection(("127.0.0.1", 443), timeout=60)
    caller.sock = ssl.create_default_context(cadata=root).wrap_socket(connected, server_hostname=HOST)
    try:
        caller.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = caller.getresponse()
        return answer.status, answer.read()
    finally:
        caller.close()


def test_compose_seals_a_contract_behind_the_proxy(compose, database):
    compose("run", "--rm", "--no-deps", "-T", "web", "python", "manage.py", "init_seal")
    with health_checks(compose):
        compose("up", "--detach", "--no-build", "--pull", "never")
        services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
        started = {name for name, service in services.items() if "profiles" not in service}
        wait_for("the proxy answers", lambda: "running" in compose.inspect("proxy", "{{.State.Status}}"))
        assert compose.inspect("migrate", "{{.State.ExitCode}}") == "0"
        assert set(compose("ps", "--all", "--services").split()) == started

        reach_database(compose)
        factories.IssuerFactory()
        membership = factories.MembershipFactory(account=factories.PartyProfileFactory().account)
        order = factories.PaidOrderFactory(account=membership.account)
        token = compose.manage("create_api_token", membership.user.username).strip()

        def is_ready() -> bool:
            return compose("exec", "-T", "web", "python", "-c", IS_READY, check=False).strip() == "200"

        wait_for("every part is ready: web, workers and clock", is_ready, patience=120)
        status, body = call(
            compose, "POST", "/api/v1/contracts/", {"type": "order", "order_numbers": [order.number]}, token
        )
        assert status == 201, body
        number = json.loads(body)["number"]
        status, body = call(compose, "POST", f"/api/v1/contracts/{number}/convert/", {}, token)
        assert status == 200, body
        contract = json.loads(body)
        status, body = call(compose, "GET", f"/api/v1/verify/{contract['verification_code']}/")
        assert (status, json.loads(body)["sha256"]) == (200, contract["document"]["sha256"])
        assert call(compose, "GET", "/readyz")[0] == 404
        assert call(compose, "GET", "/metrics")[0] == 404
        compose.manage("verify_archive")
