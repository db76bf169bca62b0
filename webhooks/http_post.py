"""Send a POST to an untrusted receiver, with limits on address, time and response size.

Redirects and proxies are not used. The connection is made to an address that has been checked.
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
from webhooks.public_addresses import ForbiddenAddress, is_allowed_scheme, resolve_public_addresses

Error = WebhookAttempt.Error
CONNECT_TIMEOUT_SECONDS = 5.0
"""For connecting to one address and for the TLS handshake."""
READ_TIMEOUT_SECONDS = 10.0
"""For each write and each read."""
TOTAL_TIMEOUT_SECONDS = 20.0
"""For everything after the DNS lookup."""
MAX_RESPONSE_BYTES = 4096
"""Maximum number of bytes read from the response body."""
RESPONSE_EXCERPT_CHARS = 500
"""Length of the stored excerpt of the response body."""


@dataclass(frozen=True, slots=True)
class PostResult:
    """The result of a POST: status code and response excerpt, or an error."""

    duration_ms: int
    status_code: int | None = None
    answer: str = ""
    error: str = ""

    @property
    def is_delivered(self) -> bool:
        return self.status_code is not None and 200 <= self.status_code < 300

    @property
    def is_gone(self) -> bool:
        return self.status_code == 410


def post(url: str, body: bytes, headers: dict[str, str]) -> PostResult:
    """POST `body` within TOTAL_TIMEOUT_SECONDS plus the DNS lookup. Never raises: failures are results."""
    started = monotonic()
    try:
        status_code, answer = _exchange(url, body, headers)
    except Exception as error:  # no receiver may block the others
        return PostResult(_ms_since(started), error=_classify_error(error))
    return PostResult(_ms_since(started), status_code, answer)


def _exchange(url: str, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    parts = urlsplit(url)
    if not is_allowed_scheme(parts.scheme):  # created while WEBHOOK_ALLOW_PRIVATE was on
        raise ForbiddenAddress(url)
    host = parts.hostname or ""
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    sock, deadline = _connect(host, port)
    with sock:
        plain = sock
        if secure:
            _limit_next_step(sock, deadline, CONNECT_TIMEOUT_SECONDS)
            sock = ssl.create_default_context().wrap_socket(plain, server_hostname=host.removesuffix("."))
        with sock:
            connection = http.client.HTTPConnection(parts.netloc)
            connection.sock = _DeadlineSocket(sock, deadline)  # implements the methods that HTTPConnection uses
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            return response.status, _read_excerpt(response)


def _connect(host: str, port: int) -> tuple[socket.socket, float]:
    """Connect to one of the host's public addresses; return the socket and the deadline (monotonic)."""
    addresses = list(resolve_public_addresses(host, port))
    deadline = monotonic() + TOTAL_TIMEOUT_SECONDS
    for i, (family, address) in enumerate(addresses):
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            _limit_next_step(sock, deadline, CONNECT_TIMEOUT_SECONDS)
            sock.connect(address)
        except OSError:
            sock.close()
            if i == len(addresses) - 1:
                raise
        else:
            return sock, deadline
    raise OSError(host)


def _limit_next_step(sock: socket.socket, deadline: float, limit: float) -> None:
    """Limit the next socket operation to `limit` seconds and the deadline. Raises TimeoutError after the deadline."""
    left = deadline - monotonic()
    if left <= 0:
        raise TimeoutError
    sock.settimeout(min(left, limit))


class _DeadlineSocket:
    """A socket with an overall deadline. A read timeout would not stop a receiver that sends a byte now and then."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._sock, self._deadline = sock, deadline

    def sendall(self, data: bytes) -> None:
        _limit_next_step(self._sock, self._deadline, READ_TIMEOUT_SECONDS)
        self._sock.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_DeadlineReader(self._sock, self._deadline))

    def close(self) -> None:
        """Do nothing: the caller closes the socket."""


class _DeadlineReader(io.RawIOBase):
    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._sock, self._deadline = sock, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # the stubs require any buffer
        _limit_next_step(self._sock, self._deadline, READ_TIMEOUT_SECONDS)
        return self._sock.recv_into(buffer)


def _read_excerpt(response: http.client.HTTPResponse) -> str:
    """Return the beginning of the body as text on one line. A truncated body is accepted: the status code counts.

    Raises TimeoutError if the body does not arrive in time.
    """
    read = b""
    try:
        while len(read) < MAX_RESPONSE_BYTES and (piece := response.read1(MAX_RESPONSE_BYTES - len(read))):
            read += piece
    except TimeoutError:
        raise
    except (OSError, http.client.HTTPException):
        pass
    return normalise_line(read.decode("utf-8", "replace"))[:RESPONSE_EXCERPT_CHARS]


def _classify_error(error: Exception) -> Error:
    if isinstance(error, ForbiddenAddress):
        return Error.ADDRESS
    if isinstance(error, TimeoutError):
        return Error.TIMEOUT
    if isinstance(error, ssl.SSLError):
        return Error.TLS
    return Error.UNREACHABLE if isinstance(error, OSError) else Error.BROKEN


def _ms_since(started: float) -> int:
    return round((monotonic() - started) * 1000)
