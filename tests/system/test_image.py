"""The image of the Dockerfile, run as compose.yaml runs it: read-only, not as root, up to a sealed contract.

Needs the image: IMAGE=electronic-contract-centre:local, which scripts/build_image.sh builds.
"""

import json
import os
import re
import secrets
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import factories
from tests.system.calls import Caller
from tests.system.processes import ROOT, free_port, running, wait_for
from tests.system.test_production_start import is_ready, seal_one

pytestmark = [pytest.mark.exhaustive, pytest.mark.postgresql]
IMAGE = os.environ.get("IMAGE", "")
PODMAN = ["podman", "--runtime", "runc", "--cgroup-manager", "cgroupfs"]
SERVICES = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
OF_THE_IMAGE = (10001, 10001)


@pytest.fixture
def environment(cluster, broker, redis, mails) -> dict[str, str]:
    return {
        "SECRET_KEY": secrets.token_hex(32),
        "ALLOWED_HOSTS": "127.0.0.1",
        "SITE_URL": "https://127.0.0.1",
        "DATABASE_URL": cluster.url,
        "REDIS_URL": redis.url,
        "SEAL_P12": "/data/seal/seal.p12",
        "SEAL_ALLOW_TEST": "true",
        "EMAIL_URL": mails.url,
        "DEFAULT_FROM_EMAIL": "contracts@example.com",
        "PORT": str(free_port()),
    }


@pytest.fixture
def container(cluster, environment, tmp_path) -> Sequence[str]:
    """The beginning of a command that runs another in a container, whose /data outlives it."""
    cluster.folder.chmod(0o755)  # the image's user reaches the socket in it
    data = tmp_path / "data"
    (data / "seal").mkdir(parents=True)
    for folder in (data, data / "seal"):
        os.chown(folder, *OF_THE_IMAGE)
        folder.chmod(0o700)
    given = [word for name, value in environment.items() for word in ("--env", f"{name}={value}")]
    volumes = ["--volume", f"{data}:/data", "--volume", f"{cluster.folder}:{cluster.folder}"]
    confined = ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
    # Limits that podman may set on a machine where nobody may raise one.
    limits = ["--pids-limit", "256", "--memory", "3g", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"]
    return [*PODMAN, "run", "--rm", "--network", "host", *confined, *limits, *volumes, *given]


def run(container: Sequence[str], *words: str) -> str:
    done = subprocess.run([*container, IMAGE, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}"
    return done.stdout


def configuration() -> dict[str, Any]:
    shown = subprocess.run([*PODMAN, "image", "inspect", IMAGE], capture_output=True, text=True, check=True)
    [image] = json.loads(shown.stdout)
    return image["Config"]


def inside(name: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*PODMAN, "exec", name, *words], capture_output=True, text=True, check=False)


@contextmanager
def started(container: Sequence[str], port: int, folder: Path) -> Iterator[str]:
    """The web process by the image's own command, a worker for all queues and the clock; yields web's container."""
    web = f"web-{port}"
    commands = {
        web: [
            "gunicorn",
            "config.wsgi",
            "--bind",
            f"127.0.0.1:{port}",
            "--workers",
            "2",
            "--worker-tmp-dir",
            "/dev/shm",
        ],
        f"worker-{port}": shlex.split("celery --quiet -A config worker"),
        f"beat-{port}": shlex.split(SERVICES["beat"]["command"]),
    }
    with ExitStack() as stack:
        for name, words in commands.items():
            stack.callback(subprocess.run, [*PODMAN, "rm", "--force", name], capture_output=True, check=False)
            command = [*container, "--name", name, IMAGE, *words]
            stack.enter_context(running(command, log=folder / f"{name}.log"))
        wait_for("every part is ready", lambda: is_ready(Caller(port, by_https=True)), patience=120)
        yield web


def test_the_image_seals_a_contract(container, environment, tmp_path):
    run(container, *shlex.split(SERVICES["migrate"]["command"]))
    run(container, "python", "manage.py", "init_seal")
    run(container, "python", "manage.py", "check", "--deploy")
    factories.IssuerFactory()
    membership = factories.MembershipFactory(account=factories.PartyProfileFactory().account)
    order = factories.PaidOrderFactory(account=membership.account)
    token = run(container, "python", "manage.py", "create_api_token", membership.user.username).strip()

    with started(container, int(environment["PORT"]), tmp_path) as web:
        healthy = subprocess.run([*PODMAN, "healthcheck", "run", web], capture_output=True, text=True, check=False)
        assert healthy.returncode == 0, healthy.stdout + healthy.stderr
        assert inside(web, "id", "-u").stdout.strip() == str(OF_THE_IMAGE[0])
        assert inside(web, "touch", "/app/written").returncode != 0
        caller = Caller(int(environment["PORT"]), token, by_https=True)
        contract = seal_one(caller, order.number)
        page = caller.get("/login/").body.decode()
        style = re.findall(r'href="(/static/[^"]+\.css)"', page)[0]
        assert caller.get(style).status == 200
        verdict = caller.get(f"/api/v1/verify/{contract['verification_code']}/").json
        assert (verdict["status"], verdict["sha256"]) == ("official", contract["document"]["sha256"])
    run(container, "python", "manage.py", "verify_archive")


def test_the_image_says_what_it_is():
    labels = configuration()["Labels"]
    assert labels["org.opencontainers.image.title"] == "Electronic Contract Centre"
    assert re.fullmatch(r"[0-9a-f]{40}", labels["org.opencontainers.image.revision"])
    assert configuration()["User"] == "10001:10001"
