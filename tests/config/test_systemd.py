"""The units of deploy/systemd/ are sound, and values of their environment files reach Django unchanged."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from config.celery import QUEUES
from tests.config.test_deployment import SERVICES, SETTINGS, check_command

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy/systemd"
UNITS = {path.name: path.read_text().replace("\\\n", " ") for path in FOLDER.glob("*.service")}
TARGET = (FOLDER / "contracts.target").read_text()
EXAMPLES = {name: (FOLDER / f"{name}.env.example").read_text() for name in ("contracts", "sealing")}
PARSER = Path("/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator")
ODD_VALUES = ["a&b", "pa$$ word", "$HOME", "#1", "back\\slash", "a;b|c", '"quoted"', "100%"]
SERVICE_OF = {"contracts-web.service": "web", "contracts-worker@.service": "worker", "contracts-clock.service": "beat"}


def values(unit: str, name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", UNITS[unit], re.MULTILINE)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd (scripts/install_tools.sh)")
def test_systemd_finds_nothing_wrong(tmp_path):
    (tmp_path / "bin").mkdir()
    for path in FOLDER.glob("contracts*.*"):
        text = path.read_text().replace("/opt/contracts/.venv", str(tmp_path)).replace("/opt/contracts", str(ROOT))
        (tmp_path / path.name).write_text(text)
    for program in ("gunicorn", "celery"):
        (tmp_path / "bin" / program).symlink_to("/bin/true")
    units = ["contracts.target", "contracts-web.service", "contracts-clock.service", "contracts-worker@email.service"]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_runs_a_command_that_exists(unit):
    [command] = values(unit, "ExecStart")
    check_command(command.replace("%i", "email").replace("%%h", "host"))


def test_the_target_starts_every_process_and_a_worker_for_each_queue():
    wanted = {name for line in re.findall(r"^Wants=(.+)$", TARGET, re.MULTILINE) for name in line.split()}
    assert wanted == {
        *("contracts-web.service", "contracts-clock.service"),
        *(f"contracts-worker@{queue}.service" for queue in QUEUES),
    }


@pytest.mark.parametrize(("unit", "service"), SERVICE_OF.items())
def test_a_unit_has_the_limits_and_the_patience_of_its_service(unit, service):
    limits = SERVICES[service]["deploy"]["resources"]["limits"]
    assert values(unit, "MemoryMax") == [limits["memory"].upper()]
    assert values(unit, "TasksMax") == [str(limits["pids"])]
    patience = SERVICES[service].get("stop_grace_period", "30s").replace("1m", "60s")
    assert values(unit, "TimeoutStopSec") == [patience]


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_is_confined(unit):
    for name, value in {
        "User": "contracts",
        "NoNewPrivileges": "yes",
        "ProtectSystem": "strict",
        "CapabilityBoundingSet": "",
        "StateDirectory": "contracts",
        "UMask": "0077",
    }.items():
        assert values(unit, name) == [value], name
    assert "DEBUG=false" in values(unit, "Environment")[0]


def test_the_seal_is_given_to_those_that_seal_and_verify():
    files = {unit: values(unit, "EnvironmentFile") for unit in UNITS}
    assert files["contracts-web.service"] == ["/etc/contracts/contracts.env", "/etc/contracts/sealing.env"]
    assert files["contracts-worker@.service"] == ["/etc/contracts/contracts.env", "-/etc/contracts/%i.env"]
    assert files["contracts-clock.service"] == ["/etc/contracts/contracts.env"]
    assert "SEAL" not in EXAMPLES["contracts"]


def test_the_examples_name_settings_and_quote_every_value():
    for text in EXAMPLES.values():
        lines = [line for line in text.splitlines() if not line.startswith("#")]
        assert all(re.fullmatch(r"[A-Z0-9_]+='[^']*'", line) for line in lines)
        assert {line.split("=")[0] for line in lines} <= SETTINGS


@pytest.mark.parametrize("value", ODD_VALUES)
def test_a_value_in_single_quotes_reaches_django_unchanged(value, tmp_path):
    """As a shell reads the file. It is also what an operator may do with it."""
    file = tmp_path / "contracts.env"
    file.write_text(f"DEFAULT_FROM_EMAIL='{value} <contracts@example.com>'\n")
    program = "from config import settings; print(settings.DEFAULT_FROM_EMAIL, end='')"
    command = f"set -a; . {shlex.quote(str(file))}; exec {shlex.quote(sys.executable)} -c {shlex.quote(program)}"
    environment = {**os.environ, "DATA_DIR": str(tmp_path)}
    done = subprocess.run(["sh", "-c", command], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == f"{value} <contracts@example.com>"


@pytest.mark.skipif(not PARSER.exists(), reason="needs systemd (scripts/install_tools.sh)")
@pytest.mark.parametrize("value", [value for value in ODD_VALUES if "$" not in value])
def test_systemd_reads_a_value_in_single_quotes_unchanged(value, tmp_path):
    """Files for sessions, environment.d(5), are read by the same parser; only there is `$` expanded afterwards."""
    (tmp_path / "environment.d").mkdir()
    (tmp_path / "environment.d" / "odd.conf").write_text(f"ODD='{value}'\n")
    environment = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path)}
    said = subprocess.run([PARSER], env=environment, capture_output=True, text=True, check=True).stdout
    assert f"ODD={value}" in shlex.split(said)


def test_commands_run_with_the_environment_of_the_web_process():
    script = (FOLDER / "contracts-manage").read_text()
    assert os.access(FOLDER / "contracts-manage", os.X_OK)
    for name in ("User", "Group", "WorkingDirectory", "StateDirectory", "StateDirectoryMode", "UMask"):
        [value] = values("contracts-web.service", name)
        assert f"--property={name}={value}" in script
    for file in values("contracts-web.service", "EnvironmentFile"):
        assert f"--property=EnvironmentFile={file}" in script
