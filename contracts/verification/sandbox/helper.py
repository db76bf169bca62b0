"""Client of the helper process, which is started on first use, once per process."""

import atexit
import contextlib
import json
import logging
import os
import socket
import subprocess
import sys
import threading
from datetime import datetime

from django.conf import settings

from common.confinement import landlock_version
from common.slots import Slots
from contracts.sealing.trust import Trust
from contracts.verification.sandbox.child import CPU_SECONDS, WALL_SECONDS, dump
from contracts.verification.sandbox.reading import Facts, Problem

log = logging.getLogger(__name__)

START_CODE = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]);"
    " from contracts.verification.sandbox.child import serve; serve()"
)
INHERITED_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""Environment variables that the helper inherits. Others may hold secrets."""
REPLY_TIMEOUT_SECONDS = WALL_SECONDS + 5
"""A reading process ends itself earlier; this is for stalled machines."""
MAX_CONCURRENT_READS = 2
"""Files read at once for one of our processes. Each read blocks a thread and takes up to 512 MB."""
SLOT_TIMEOUT_SECONDS = 0.5
"""Time to wait for a read to finish. A sound file takes a tenth of it."""
MAX_REPLY_BYTES = 65_536
"""Maximum size of a reply. Facts take a few hundred bytes."""


class Helper:
    """The helper process. Thread-safe: it forks for each file."""

    def __init__(self) -> None:
        self._requests: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._starting = threading.Lock()

    def send(self, connection: socket.socket) -> None:
        """Pass a socket to the helper, which reads the request from it. Raises OSError."""
        requests = self._ensure_started()
        try:
            socket.send_fds(requests, [b"."], [connection.fileno()])
        except OSError:  # the helper was killed
            self.stop(requests)
            socket.send_fds(self._ensure_started(), [b"."], [connection.fileno()])

    def stop(self, expected: socket.socket | None = None) -> None:
        """End the process; with `expected`, only if it is still the current one. The next request starts another."""
        with self._starting:
            if self._requests and self._process and expected in (None, self._requests):
                self._requests.close()
                self._process.kill()
                self._process.wait()
                self._requests = self._process = None

    def reset_after_fork(self) -> None:
        """Drop the parent's process without ending it."""
        if self._requests and self._process:
            self._requests.close()
            self._process.returncode = 0
        self.__init__()  # type: ignore[misc]  # a thread that was not forked may hold the lock

    def _ensure_started(self) -> socket.socket:
        with self._starting:
            if self._requests is None:
                if not landlock_version():
                    log.warning("the kernel offers no Landlock: files to verify are read with less protection")
                ours, theirs = socket.socketpair()
                path = json.dumps([str(settings.BASE_DIR), *filter(None, sys.path)])
                with theirs:
                    self._process = subprocess.Popen(  # noqa: S603 - no request data in the command
                        [sys.executable, "-I", "-c", START_CODE, path],
                        stdin=theirs.fileno(),
                        stdout=subprocess.DEVNULL,
                        stderr=subprocess.DEVNULL,
                        env={name: os.environ[name] for name in INHERITED_VARIABLES if name in os.environ},
                        start_new_session=True,  # Ctrl-C is for us; the helper ends when its standard input closes
                    )
                self._requests = ours
            return self._requests


class Busy(Exception):
    """MAX_CONCURRENT_READS files are already being read."""


def _after_fork() -> None:
    """Reset the helper, which belongs to the parent."""
    _helper.reset_after_fork()


_readings = Slots(MAX_CONCURRENT_READS)
_helper = Helper()
os.register_at_fork(after_in_child=_after_fork)
atexit.register(_helper.stop)


def read_in_sandbox(content: bytes, trusted: Trust, *, now: datetime) -> Facts:
    """Read an untrusted file in a limited process and return its facts.

    Takes at most CPU_SECONDS of CPU and WALL_SECONDS. A file that needs more, or crashes the process, is `too_complex`.
    `now` is aware. Raises Busy, and OSError if no process can be started.
    """
    if not _readings.take(timeout=SLOT_TIMEOUT_SECONDS):
        raise Busy
    try:
        return _facts_of(content, trusted, now)
    finally:
        _readings.release()


def _facts_of(content: bytes, trusted: Trust, now: datetime) -> Facts:
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            _helper.send(theirs)
        ours.settimeout(REPLY_TIMEOUT_SECONDS)
        reply = b""
        with contextlib.suppress(OSError):  # it ended while we wrote, or did not reply in time
            ours.sendall(dump(content, trusted, now=now))
            ours.shutdown(socket.SHUT_WR)
            while len(reply) <= MAX_REPLY_BYTES and (more := ours.recv(MAX_REPLY_BYTES)):
                reply += more
    try:
        return Facts.from_json(reply)
    except (ValueError, KeyError, TypeError):
        log.warning("a file to verify of %d bytes was not read within the limits", len(content))
        return Facts(Problem.TOO_COMPLEX, cpu_seconds=CPU_SECONDS)
