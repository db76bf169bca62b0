"""Through the proxy: who sends or reads slowly keeps no thread of the web process, and a restart is no error."""

import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from tests.system import servers
from tests.system.processes import free_port, say, wait_for
from tests.system.proxies import call, needs_caddy, proxy, unchecked
from tests.system.watching import Watched, watched

pytestmark = [pytest.mark.exhaustive, pytest.mark.postgresql, needs_caddy]
THREADS = 4
SLOW = 12
"""More than the threads of both processes together."""
ASKED = 40
BODY = b"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 20_000
"""As much of it is sent as makes a proxy that does not wait for the rest pass it on."""
FORM, FILE = b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=b"
BODIES = [BODY % (b"/login/", FORM), BODY % (b"/verify/", FILE), BODY % (b"/password/", FORM)]
SCRIPT = b"GET /static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js HTTP/1.1\r\nHost: localhost\r\n\r\n"


def health_of(port: int) -> int:
    return call(port, "GET", "/healthz").status


@contextmanager
def slow(port: int, beginnings: list[bytes]) -> Iterator[None]:
    """SLOW connections that begin so, and go on with nothing."""
    with ExitStack() as stack:
        for number in range(SLOW):
            plain = stack.enter_context(socket.create_connection(("localhost", port)))
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            line = stack.enter_context(unchecked().wrap_socket(plain, server_hostname="localhost"))
            line.sendall(beginnings[number % len(beginnings)])
        yield


def asked_meanwhile(port: int, kind: str, beginnings: list[bytes]) -> Watched:
    with slow(port, beginnings), watched(lambda: health_of(port)) as seen:
        wait_for(f"answers beside {kind}", lambda: len(seen.answers) >= ASKED)
    say(f"/healthz beside {SLOW} {kind}: {seen.figures()}")
    return seen


def test_whoever_is_slow_keeps_nobody_waiting(environment, tmp_path):
    with servers.web(environment, threads=THREADS) as web, proxy(web.port, tmp_path) as front:
        for kind, beginnings in {"slow bodies": BODIES, "slow heads": [BODIES[0][:40]], "readers": [SCRIPT]}.items():
            assert asked_meanwhile(front.https_port, kind, beginnings).statuses == {200}


def test_a_restart_of_the_web_process_is_no_error(environment, tmp_path):
    port = free_port()
    with ExitStack() as stack:
        first = stack.enter_context(servers.web(environment, threads=THREADS, port=port))
        # A busy machine may take longer to start than the 20 seconds for which the proxy goes on trying.
        front = stack.enter_context(proxy(port, tmp_path, lb_try_duration="5m"))
        with watched(lambda: worst_status(front.https_port), at_once=4) as seen:
            wait_for("pages are asked for", lambda: len(seen.answers) >= ASKED)
            first.process.popen.send_signal(signal.SIGTERM)
            first.process.popen.wait(timeout=60)
            wait_for("the proxy finds nobody there", lambda: front.process.said("connection refused"))
            stack.enter_context(servers.web(environment, threads=THREADS, port=port))
            answered = len(seen.answers)
            wait_for("pages come again", lambda: len(seen.answers) >= answered + ASKED)
    say(f"pages over a restart: {seen.figures()}")
    assert seen.statuses == {200}


def worst_status(port: int) -> int:
    return max(call(port, "GET", path, timeout=300).status for path in ("/healthz", "/login/"))
