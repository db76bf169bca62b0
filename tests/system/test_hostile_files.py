"""Through the proxy: eight files that take long to read are sent at once. Some are refused, and pages go on."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.cookies import SimpleCookie
from threading import Event

import pytest

from tests.contracts.verification.hostile import long_number
from tests.system import servers
from tests.system.processes import say, wait_for
from tests.system.proxies import call, needs_caddy, proxy
from tests.system.watching import watched

pytestmark = [pytest.mark.exhaustive, pytest.mark.postgresql, needs_caddy]
THREADS = 4
SENDERS = 8
"""As many as there are threads in both processes, and twice as many as are read at a time."""
ASKED = 40


class Senders:
    """They send the file to the page, and send it again until one of them is refused."""

    def __init__(self, port: int, content: bytes) -> None:
        self._port, self._ended = port, Event()
        [token] = SimpleCookie(call(port, "GET", "/verify/").headers["Set-Cookie"]).values()
        self._headers = {
            "Content-Type": "multipart/form-data; boundary=b",
            "Cookie": f"{token.key}={token.value}",
            "Referer": f"https://localhost:{port}/verify/",
        }
        self._body = part("csrfmiddlewaretoken", token.value.encode()) + part("file", content, of=b"a.pdf") + b"--b--"
        self.answers: list[tuple[int, str | None]] = []
        """Of each: its status, and when to try again."""

    @property
    def refused(self) -> set[str | None]:
        return {again for status, again in self.answers if status == 503}

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Ends when all have their answer."""
        with ThreadPoolExecutor(SENDERS) as pool:
            senders = [pool.submit(self._send) for _ in range(SENDERS)]
            try:
                yield
            finally:
                self._ended.set()
        for sender in senders:
            sender.result()

    def _send(self) -> None:
        while not (self.refused or self._ended.is_set()):
            answer = call(self._port, "POST", "/verify/", self._body, **self._headers)
            self.answers.append((answer.status, answer.headers.get("Retry-After")))


def part(name: str, content: bytes, *, of: bytes = b"") -> bytes:
    file = b'; filename="%b"' % of if of else b""
    return b'--b\r\nContent-Disposition: form-data; name="%b"%b\r\n\r\n%b\r\n' % (name.encode(), file, content)


def test_files_that_take_long_keep_nobody_waiting(environment, broker, tmp_path):
    with servers.web(environment, threads=THREADS) as web, proxy(web.port, tmp_path) as front:
        port = front.https_port
        senders = Senders(port, long_number())
        with (
            watched(lambda: call(port, "GET", "/healthz").status) as health,
            watched(lambda: call(port, "GET", "/login/").status) as pages,
            senders.sending(),
        ):
            wait_for("one of them is refused", lambda: senders.refused)
            wait_for("pages meanwhile", lambda: min(len(health.answers), len(pages.answers)) >= ASKED)
        say(f"{SENDERS} files that take long: {sorted(senders.answers, key=str)}")
        say(f"/healthz meanwhile: {health.figures()}; /login/: {pages.figures()}")
        assert senders.refused == {"5"}
        assert web.process.said("code=verifier_busy")
        assert {status for status, _again in senders.answers} == {200, 503}
        assert health.statuses == pages.statuses == {200}
