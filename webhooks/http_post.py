"""One POST to a receiver that nobody vouches for: where to, for how long and how much is decided here.

No redirects are followed and no proxies asked, and the connection is made to an address that was checked.
"""

import http.client
import io
import socket
import ssl
from dataclasses import dataclass
from time import monotonic
from urllib.parse import urlsplit

from common.normal_forms import normalise_line
from webhooks.models import WebhookAttempt
from webhooks.public_addresses import Barred, addresses_of, may_use

Error = WebhookAttempt.Error
TO_CONNECT, TO_ANSWER, IN_ALL = 5.0, 10.0, 20.0
"""Seconds: for one address, for the next piece of an answer, and for everything after the name was looked up."""
MOST_READ = 4096
"""Bytes of an answer's body. The rest is not waited for."""
RESPONSE_EXCERPT_CHARS = 500
"""Characters."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a POST: a status code and how the answer begins, or an error."""

    duration_ms: int
    status_code: int | None = None
    answer: str = ""
    error: str = ""

    @property
    def delivered(self) -> bool:
        return self.status_code is not None and 200 <= self.status_code < 300

    @property
    def gone(self) -> bool:
        return self.status_code == 410


def post(url: str, body: bytes, headers: dict[str, str]) -> Outcome:
    """POST `body`; returns within IN_ALL seconds, and the time that the name takes. Every failure is an outcome."""
    started = monotonic()
    try:
        status_code, answer = _exchange(url, body, headers)
    except Exception as error:  # whatever a receiver thinks of must not hold up the others
        return Outcome(_ms_since(started), error=_kind_of(error))
    return Outcome(_ms_since(started), status_code, answer)


def _exchange(url: str, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    parts = urlsplit(url)
    if not may_use(parts.scheme):  # an endpoint of when the setting allowed more
        raise Barred(url)
    host = parts.hostname or ""
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    sock, deadline = _connected(host, port)
    with sock:
        plain = sock
        if secure:
            _until(sock, deadline, TO_CONNECT)
            sock = ssl.create_default_context().wrap_socket(plain, server_hostname=host.removesuffix("."))
        with sock:
            connection = http.client.HTTPConnection(parts.netloc)
            connection.sock = _Timed(sock, deadline)  # as much of a socket as it uses
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            return response.status, _beginning(response)


def _connected(host: str, port: int) -> tuple[socket.socket, float]:
    """A connection to one of the host's public addresses, and when all has to be over."""
    addresses = list(addresses_of(host, port))
    deadline = monotonic() + IN_ALL
    for i, (family, address) in enumerate(addresses):
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            _until(sock, deadline, TO_CONNECT)
            sock.connect(address)
        except OSError:
            sock.close()
            if i == len(addresses) - 1:
                raise
        else:
            return sock, deadline
    raise OSError(host)


def _until(sock: socket.socket, deadline: float, most: float) -> None:
    """The next step takes no longer than to the deadline, nor than `most` seconds. Raises TimeoutError after it."""
    left = deadline - monotonic()
    if left <= 0:
        raise TimeoutError
    sock.settimeout(min(left, most))


class _Timed:
    """A socket whose every step ends at the deadline: one that sends a byte now and then would be never late."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._sock, self._deadline = sock, deadline

    def sendall(self, data: bytes) -> None:
        _until(self._sock, self._deadline, TO_ANSWER)
        self._sock.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_TimedReader(self._sock, self._deadline))

    def close(self) -> None:
        """The socket is closed by whoever opened it."""


class _TimedReader(io.RawIOBase):
    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._sock, self._deadline = sock, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # any buffer, say the stubs
        _until(self._sock, self._deadline, TO_ANSWER)
        return self._sock.recv_into(buffer)


def _beginning(response: http.client.HTTPResponse) -> str:
    """How the body begins, as text on one line. A body that breaks off changes nothing: the status line counts.

    Raises TimeoutError where so much of the body does not come in time: the receiver has not answered.
    """
    read = b""
    try:
        while len(read) < MOST_READ and (piece := response.read1(MOST_READ - len(read))):
            read += piece
    except TimeoutError:
        raise
    except (OSError, http.client.HTTPException):
        pass
    return normalise_line(read.decode("utf-8", "replace"))[:RESPONSE_EXCERPT_CHARS]


def _kind_of(error: Exception) -> Error:
    if isinstance(error, Barred):
        return Error.ADDRESS
    if isinstance(error, TimeoutError):
        return Error.TIMEOUT
    if isinstance(error, ssl.SSLError):
        return Error.TLS
    return Error.UNREACHABLE if isinstance(error, OSError) else Error.BROKEN


def _ms_since(started: float) -> int:
    return round((monotonic() - started) * 1000)
