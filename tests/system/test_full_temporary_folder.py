"""The temporary folder is full: figures are lost, and nothing else is."""

import http.client
import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from tests.figures import TOKEN
from tests.system import servers
from tests.system.calls import Caller
from tests.system.processes import say, wait_for
from tests.system.watching import watched

pytestmark = [pytest.mark.exhaustive, pytest.mark.postgresql]
SMALL_DISK = ["unshare", "--mount", "--map-root-user", "sh", "-c"]
SMALL_DISK += ['mount -t tmpfs -o size=1m tmpfs "$TMPDIR" && exec "$@"', "sh"]
"""Runs a command whose temporary folder is a disk of its own, of 1 MB."""
ASKED = 60


def get(port: int, path: str, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def fill(folder: Path) -> None:
    with suppress(OSError), (folder / "filler").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    assert shutil.disk_usage(folder).free == 0


def test_a_full_disk_for_figures_ends_no_process(environment, broker, tmp_path):
    folder = tmp_path / "temporary"
    folder.mkdir()
    environment |= {"TMPDIR": str(folder), "METRICS_TOKEN": TOKEN}
    with servers.web(environment, threads=4, within=SMALL_DISK) as web:
        master = web.process.popen
        fill(Path(f"/proc/{master.pid}/root{folder}"))
        before = {*web.process.children()}
        web.process.kill_children()  # those that follow find no room at all
        wait_for("others took over", lambda: len({*web.process.children()} - before) == 2)
        with watched(lambda: Caller(web.port).get("/healthz").status, at_once=2) as seen:
            for path in ("/login/", "/verify/", "/nowhere/", "/help/", "/api/v1/orders/", "/api/v1/contracts/"):
                assert get(web.port, path).status < 500
            wait_for("it is asked often", lambda: len(seen.answers) >= ASKED)
        say(f"/healthz with a full temporary folder: {seen.figures()}")
        assert seen.statuses == {200}
        assert get(web.port, "/metrics", Authorization=f"Bearer {TOKEN}").status == 200
        assert web.process.said("is not in /metrics")
        assert master.poll() is None


def test_a_header_changes_no_address(environment):
    with servers.web(environment) as web:
        assert get(web.port, "/healthz", SCRIPT_NAME="/health").status == 200
        assert get(web.port, "/nowhere", PATH_INFO="/healthz").status == 404
