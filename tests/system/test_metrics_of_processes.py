"""gunicorn's processes count together, whichever of them is asked, and nothing is lost when one of them ends."""

import http.client
import os
import tempfile
from pathlib import Path

import pytest

from tests.figures import TOKEN, Figures
from tests.system import servers
from tests.system.processes import wait_for

pytestmark = [pytest.mark.exhaustive, pytest.mark.postgresql]
LOGIN = {"method": "GET", "route": "/login/", "status": 200}
ASKED = 40


@pytest.fixture
def counting(environment, broker) -> dict[str, str]:
    return {**environment, "METRICS_TOKEN": TOKEN}


def get(port: int, path: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"Authorization": f"Bearer {TOKEN}"})
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    assert answer.status == 200, body
    return body


def asked(port: int) -> float:
    return Figures(get(port, "/metrics")).get("ecc_request_seconds_count", **LOGIN)


def test_what_ended_processes_counted_is_kept(counting):
    folder = Path(tempfile.gettempdir())
    with servers.web(counting) as web:
        files = folder / f"contract-centre-metrics-{web.process.popen.pid}"
        for _ in range(ASKED):
            get(web.port, "/login/")
        assert {asked(web.port) for _ in range(10)} == {ASKED}  # whichever process answers
        before = {int(file.stem.split("_")[1]) for file in files.glob("histogram_*.db")}
        assert before == set(web.process.children())
        web.process.kill_children()
        wait_for(
            "others took over", lambda: len(web.process.children()) == 2 and not before & {*web.process.children()}
        )
        wait_for(
            "their files are taken over",
            lambda: not [pid for pid in before if (files / f"histogram_{pid}.db").exists()],
        )
        assert asked(web.port) == ASKED
        get(web.port, "/login/")
        assert asked(web.port) == ASKED + 1
        os.kill(web.process.popen.pid, 15)
        web.process.popen.wait(timeout=30)
        assert not files.exists()
