"""The process that reads a foreign file sees no secret, even if the file makes it run code of its own."""

import os
import socket
from pathlib import Path

import pytest
from django.core.checks import run_checks

from common import confinement
from common.confinement import landlock_version
from contracts.verification.sandbox import Problem, checks, helper
from tests.contracts.verification.inside import RUN_THE_FILE, facts, program

KERNEL_ALONE = "import sys; sys.addaudithook = lambda hook: None"
"""As machine code would run: Python's hook sees nothing of it."""
PYTHON_ALONE = "child.confine = lambda: False"
"""As on a kernel without Landlock."""
GUARDS = [
    pytest.param(PYTHON_ALONE, id="python"),
    pytest.param(
        KERNEL_ALONE,
        id="kernel",
        marks=pytest.mark.skipif(not landlock_version(), reason="needs Linux 5.13 with Landlock"),
    ),
]


def tried(helped_by, guard: str, act: str) -> bool:
    """True if the act was possible inside."""
    refused = "return Facts(Problem.UNREADABLE)"
    helped_by(f"{guard}; {RUN_THE_FILE}")
    answer = facts(
        program(
            "import os, socket", "try:", f"    {act}", "except PermissionError:", f"    {refused}", "return Facts()"
        )
    )
    assert answer.problem in (None, Problem.UNREADABLE)
    return answer.problem is None


@pytest.fixture
def secret_files(settings, tmp_path) -> dict[str, str]:
    data = settings.DATA_DIR / "data.txt"
    data.write_text("orders")
    (tmp_path / "link").symlink_to(settings.SEAL_P12)
    return {
        "seal": settings.SEAL_P12,
        "seal by a link": str(tmp_path / "link"),
        "seal by way of our code": f"{Path(helper.__file__).parent}{10 * '/..'}{settings.SEAL_P12}",
        "data": str(data),
        "environment of the parent": f"/proc/{os.getpid()}/environ",
        "memory of the parent": f"/proc/{os.getpid()}/mem",
        "users of the machine": "/etc/passwd",
    }


@pytest.mark.parametrize("guard", GUARDS)
@pytest.mark.parametrize(
    "what",
    [
        "seal",
        "seal by a link",
        "seal by way of our code",
        "data",
        "environment of the parent",
        "memory of the parent",
        "users of the machine",
    ],
)
def test_it_cannot_open(helped_by, secret_files, guard, what):
    assert not tried(helped_by, guard, f"open({secret_files[what]!r}, 'rb')")


@pytest.mark.parametrize("guard", GUARDS)
@pytest.mark.parametrize("look", ["os.listdir({!r})", "list(os.scandir({!r}))"])
def test_it_cannot_list_the_data(helped_by, settings, guard, look):
    assert not tried(helped_by, guard, look.format(str(settings.DATA_DIR)))


@pytest.mark.parametrize("guard", GUARDS)
def test_it_cannot_signal_the_parent(helped_by, guard):
    if guard == KERNEL_ALONE and landlock_version() < 6:
        pytest.skip("needs Linux 6.12")
    assert not tried(helped_by, guard, f"os.kill({os.getpid()}, 0)")


@pytest.mark.parametrize("guard", GUARDS)
def test_it_cannot_connect(helped_by, guard):
    if guard == KERNEL_ALONE and landlock_version() < 4:
        pytest.skip("needs Linux 6.7")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert not tried(helped_by, guard, f"socket.socket().connect(('127.0.0.1', {port}))")


@pytest.mark.parametrize("guard", GUARDS)
def test_it_can_import_a_library_late(helped_by, guard):
    assert tried(helped_by, guard, "import xml.dom.minidom, pyhanko.sign.fields, encodings.utf_7")


def test_it_has_no_settings_no_environment_and_no_files_of_ours(helped_by, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "never to be told")
    helped_by(f"{PYTHON_ALONE}; {KERNEL_ALONE}; {RUN_THE_FILE}")
    inside = program(
        "import os, sys",
        "from django.conf import settings",
        "known = {name.split('=')[0] for name in open('/proc/self/environ').read().split(chr(0)) if name}",
        "files = [os.readlink(f'/proc/self/fd/{n}') for n in os.listdir('/proc/self/fd') if int(n) > 2]",
        "others = [name for name in files if not name.startswith(('socket:', '/proc/'))]",
        "sockets = [name for name in files if name.startswith('socket:')]",
        "secrets = known - {'PATH', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'LC_CTYPE'}",
        "bad = [settings.configured, 'contracts.models' in sys.modules, secrets, others, len(sockets) > 1]",
        "return Facts(count=sum(map(bool, bad)) + 7)",
    )
    assert facts(inside).count == 7


def test_without_landlock_files_are_read_and_the_log_says_so(helped_by, monkeypatch, caplog):
    monkeypatch.setattr(helper, "landlock_version", lambda: 0)
    helped_by(f"{PYTHON_ALONE}; {RUN_THE_FILE}").stop()  # the log says so when a helper starts
    assert facts(program("return Facts(count=3)")).count == 3
    assert "no Landlock" in caplog.text


@pytest.mark.parametrize(("version", "ids"), [(0, ["contracts.W001"]), (1, [])])
def test_the_deployment_check_warns_of_a_kernel_without_landlock(monkeypatch, version, ids):
    monkeypatch.setattr(checks, "landlock_version", lambda: version)
    warnings = run_checks(tags=["security"], include_deployment_checks=True)
    landlock = [warning for warning in warnings if warning.id.startswith("contracts.")]
    assert [warning.id for warning in landlock] == ids
    assert all("no Landlock" in warning.msg and "Linux 5.13" in warning.hint for warning in landlock)
    assert not [warning for warning in run_checks() if warning.id == "contracts.W001"]


def test_a_kernel_without_landlock_takes_nothing(monkeypatch):
    monkeypatch.setattr(confinement, "landlock_version", lambda: 0)
    assert not confinement.confine()
    assert os.listdir("/")
