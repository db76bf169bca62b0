"""The proxy of compose.yaml, started with its own file: what it hands on to us, what it does not, and what it says."""

import http.client
import json
import os
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.system.processes import ROOT, free_port, running, wait_for

CADDY = ROOT / ".venv-audit/bin/caddy"
pytestmark = pytest.mark.skipif(not CADDY.exists(), reason="needs Caddy: make .venv-audit/installed")


class Told(BaseHTTPRequestHandler):
    """In the place of gunicorn: answers with the headers that it was given."""

    server_version = "told"

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        with suppress(ConnectionError):  # the proxy has gone: the body was too large
            self._answer()

    def _answer(self) -> None:
        said = json.dumps(dict(self.headers)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def web() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Told) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture
def ports(web, tmp_path) -> Iterator[tuple[int, int]]:
    """Of http and https. `localhost` gets a certificate of Caddy's own."""
    plain, secure = free_port(), free_port()
    ours = f"{{\n\thttp_port {plain}\n\thttps_port {secure}\n\tskip_install_trust\n\tadmin off\n"
    text = (ROOT / "deploy/Caddyfile").read_text()
    file = tmp_path / "Caddyfile"
    file.write_text(text.replace("{\n", ours, 1).replace("web:8000", f"127.0.0.1:{web}"))
    command = [str(CADDY), "run", "--config", str(file), "--adapter", "caddyfile"]
    environment = {"PATH": os.environ["PATH"], "PUBLIC_HOST": "localhost", "HOME": str(tmp_path)}
    with running(command, log=tmp_path / "caddy.log", environment=environment):
        wait_for("the proxy answers by https", lambda: answers(secure))
        yield plain, secure


def answers(port: int) -> bool:
    try:
        return call(port, "GET", "/").status == 200
    except (OSError, http.client.HTTPException):
        return False


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


def call(port: int, method: str, path: str, body: bytes = b"", *, by_https: bool = True, **headers: str) -> Answer:
    if by_https:
        unchecked = ssl._create_unverified_context()  # nobody knows the root of a proxy that began to run just now
        connection = http.client.HTTPSConnection("localhost", port, timeout=20, context=unchecked)
    else:
        connection = http.client.HTTPConnection("localhost", port, timeout=20)
    with closing(connection):
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return Answer(response.status, dict(response.getheaders()), response.read())


def test_what_visitors_say_of_their_address_is_not_taken_over(ports):
    told = json.loads(call(ports[1], "GET", "/", X_Forwarded_For="6.6.6.6", X_Forwarded_Proto="http").body)
    assert (told["X-Forwarded-For"], told["X-Forwarded-Proto"]) in [("127.0.0.1", "https"), ("::1", "https")]


def test_it_says_neither_what_it_is_nor_what_serves_it(ports):
    assert not {"Server", "Via"} & set(call(ports[1], "GET", "/").headers)


def test_figures_are_not_for_visitors(ports):
    assert call(ports[1], "GET", "/metrics").status == 404


def test_a_body_larger_than_any_of_ours_is_refused(ports):
    assert call(ports[1], "POST", "/verify/", b"x" * 20_000_000).status == 200
    assert call(ports[1], "POST", "/verify/", b"x" * 32_000_100).status == 413


def test_http_leads_to_https(ports):
    answer = call(ports[0], "GET", "/contracts/", by_https=False)
    assert (answer.status, answer.headers["Location"]) == (308, "https://localhost/contracts/")
