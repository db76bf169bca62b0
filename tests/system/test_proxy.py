"""The proxy of compose.yaml, started with its own file: what it hands on to us, what it does not, and what it says."""

import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.system.proxies import call, needs_caddy, proxy

pytestmark = [pytest.mark.exhaustive, needs_caddy]


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
    """Of http and https."""
    with proxy(web, tmp_path) as one:
        yield one.http_port, one.https_port


def test_what_visitors_say_of_their_address_is_not_taken_over(ports):
    told = json.loads(call(ports[1], "GET", "/", X_Forwarded_For="6.6.6.6", X_Forwarded_Proto="http").body)
    assert (told["X-Forwarded-For"], told["X-Forwarded-Proto"]) in [("127.0.0.1", "https"), ("::1", "https")]


def test_it_says_neither_what_it_is_nor_what_serves_it(ports):
    assert not {"Server", "Via"} & set(call(ports[1], "GET", "/").headers)


@pytest.mark.parametrize("path", ["/metrics", "/readyz"])
def test_figures_and_readiness_are_not_for_visitors(ports, path):
    assert call(ports[1], "GET", path).status == 404


def test_a_body_larger_than_any_of_ours_is_refused(ports):
    assert call(ports[1], "POST", "/verify/", b"x" * 20_000_000).status == 200
    assert call(ports[1], "POST", "/verify/", b"x" * 32_000_100).status == 413


def test_http_leads_to_https(ports):
    answer = call(ports[0], "GET", "/contracts/", by_https=False)
    assert (answer.status, answer.headers["Location"]) == (308, "https://localhost/contracts/")
