"""The description passes linters; clients generated from it pass strict type checks and get a contract sealed."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from accounts.models import ApiToken
from contracts.models import Contract
from tests.factories import MembershipFactory, PaidOrderFactory, PartyProfileFactory

ROOT = Path(__file__).resolve().parents[2]
DESCRIPTION = ROOT / "docs" / "openapi.json"
OURS = ROOT / "tests" / "api" / "clients"
TOOLS = ROOT / ".venv-clients"

pytestmark = [
    pytest.mark.exhaustive,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not (TOOLS / "installed").exists(), reason="make .venv-clients/installed"),
]


def run(*command: str | Path, folder: Path, **more: str) -> str:
    environment = os.environ | {"PATH": f"{TOOLS / 'bin'}:{os.environ['PATH']}"} | more
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def token(issuer) -> str:
    membership = MembershipFactory(account=PartyProfileFactory().account)
    PaidOrderFactory(account=membership.account)
    return ApiToken.for_member(membership)[1]


def check(said: str, *, events: list[str]) -> None:
    contract = Contract.objects.get()
    size = contract.documents.get(kind="official").size
    assert json.loads(said) == {
        "number": contract.number,
        "status": "official",
        "bytes": size,
        "size": size,
        "refusal": "order_in_live_contract",
        "pointer": "/order_numbers/0",
        "events": events,
    }


def test_linters_have_nothing_to_say(tmp_path):
    tools = TOOLS / "node_modules" / ".bin"
    redocly = (tools / "redocly", "lint", DESCRIPTION, "--config", OURS / "redocly.yaml", "--format", "json")
    said = run(*redocly, folder=tmp_path, REDOCLY_TELEMETRY="off", REDOCLY_SUPPRESS_UPDATE_NOTICE="true")
    assert json.loads(said[said.index("{") :])["totals"] == {"errors": 0, "warnings": 0, "ignored": 0}
    spectral = (tools / "spectral", "lint", DESCRIPTION, "--ruleset", OURS / "spectral.yaml", "--fail-severity", "hint")
    run(*spectral, folder=tmp_path)


def test_python(live_server, token, tmp_path):
    config = OURS / "generator.yaml"
    generate = ("openapi-python-client", "generate", "--path", DESCRIPTION, "--config", config, "--meta", "none")
    said = run(*generate, "--output-path", tmp_path / "contract_centre_client", folder=tmp_path)
    assert "WARNING" not in said
    shutil.copy(OURS / "flow.py", tmp_path)
    run("mypy", "--config-file", OURS / "mypy.ini", "flow.py", "contract_centre_client", folder=tmp_path)
    said = run("python", "flow.py", live_server.url, token, folder=tmp_path)
    check(said, events=["contract.drafted", "contract.official"])


def test_typescript(live_server, token, tmp_path):
    ours = OURS / "typescript"
    (tmp_path / "node_modules").symlink_to(TOOLS / "node_modules")
    for name in ("package.json", "tsconfig.json", "flow.ts"):
        shutil.copy(ours / name, tmp_path)
    tools = tmp_path / "node_modules" / ".bin"
    to = ("-o", "schema.d.ts", "--default-non-nullable", "false")
    run(tools / "openapi-typescript", DESCRIPTION, *to, folder=tmp_path)
    run(tools / "tsc", folder=tmp_path)
    said = run("node", "build/flow.js", live_server.url, token, folder=tmp_path)
    check(said, events=["contract.drafted", f"{Contract.objects.get().number} is official"])
