"""The temporary folder is full: figures may be lost, and nothing else is."""

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
ASKED = 60


def on_small_disk(size: str) -> list[str]:
    """Run a command whose temporary folder is a disk of its own."""
    mount = f'mount -t tmpfs -o size={size} tmpfs "$TMPDIR" && exec "$@"'
    return ["unshare", "--mount", "--map-root-user", "sh", "-c", mount, "sh"]


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


@pytest.mark.parametrize(("size", "counted_together"), [("1m", False), ("16m", True)])
def test_a_full_disk_for_figures_ends_no_process(environment, broker, tmp_path, size, counted_together):
    folder = tmp_path / "temporary"
    folder.mkdir()
    environment |= {"TMPDIR": str(folder), "METRICS_TOKEN": TOKEN}
    with servers.web(environment, threads=4, within=on_small_disk(size)) as web:
        master = web.process.popen
        fill(Path(f"/proc/{master.pid}/root{folder}"))
        before = {*web.process.children()}
        web.process.kill_children()  # those that follow take over the files of these, or find no room
        wait_for("others took over", lambda: len({*web.process.children()} - before) == 2)
        with watched(lambda: Caller(web.port).get("/healthz").status, at_once=2) as seen:
            for path in ("/login/", "/verify/", "/nowhere/", "/help/", "/api/v1/orders/", "/api/v1/contracts/"):
                assert get(web.port, path).status < 500
            wait_for("it is asked often", lambda: len(seen.answers) >= ASKED)
        say(f"/healthz with a full temporary folder: {seen.figures()}")
        assert seen.statuses == {200}
        assert get(web.port, "/metrics", Authorization=f"Bearer {TOKEN}").status == 200
        assert web.process.said("for itself alone") != counted_together
        assert master.poll() is None


def test_a_header_changes_no_address(environment):
    with servers.web(environment) as web:
        assert get(web.port, "/healthz", SCRIPT_NAME="/health").status == 200
        assert get(web.port, "/nowhere", PATH_INFO="/healthz").status == 404
