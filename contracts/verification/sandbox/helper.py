"""The way to the helper process: started when it is first needed, one for each of ours."""

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

from contracts.sealing.trust import Trust
from contracts.verification.sandbox.child import CPU_SECONDS, WALL_SECONDS, dump
from contracts.verification.sandbox.confinement import landlock_version
from contracts.verification.sandbox.reading import Facts, Problem

log = logging.getLogger(__name__)

START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]);"
    " from contracts.verification.sandbox.child import serve; serve()"
)
INHERITED = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""Of the environment, which has secrets, the helper gets no more."""
PATIENCE = WALL_SECONDS + 5
"""Seconds. The reading process ends itself before; this is for a machine that stands still."""
MAX_READINGS = 2
"""Files read at the same time for one process: each takes a thread that pages need, and up to 512 MB."""
PATIENCE_FOR_TURN = 0.5
"""Seconds to wait for one of them to end; a sound file takes a tenth of it."""
MOST_SAID = 65_536
"""Bytes of an answer; facts take a few hundred."""


class Helper:
    """A helper process. Many threads may use it at once: it forks for each file."""

    def __init__(self) -> None:
        self._requests: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._starting = threading.Lock()

    def ask(self, line: socket.socket) -> None:
        """Hands over a socket, on whose other end the request is written. Raises OSError."""
        requests = self._running()
        try:
            socket.send_fds(requests, [b"."], [line.fileno()])
        except OSError:  # it was killed meanwhile
            self.stop(requests)
            socket.send_fds(self._running(), [b"."], [line.fileno()])

    def stop(self, which: socket.socket | None = None) -> None:
        """Ends the process, if it is still the one of `which`; a next request would start another."""
        with self._starting:
            if self._requests and self._process and which in (None, self._requests):
                self._requests.close()
                self._process.kill()
                self._process.wait()
                self._requests = self._process = None

    def forget(self) -> None:
        """After a fork: the process is the parent's, and its end is none of ours."""
        if self._requests and self._process:
            self._requests.close()
            self._process.returncode = 0
        self.__init__()  # type: ignore[misc]  # a lock may have been held by a thread that is not here

    def _running(self) -> socket.socket:
        with self._starting:
            if self._requests is None:
                if not landlock_version():
                    log.warning("the kernel offers no Landlock: files to verify are read with less protection")
                ours, theirs = socket.socketpair()
                path = json.dumps([str(settings.BASE_DIR), *filter(None, sys.path)])
                with theirs:
                    self._process = subprocess.Popen(  # noqa: S603 - nothing of a request is in it
                        [sys.executable, "-I", "-c", START, path],
                        stdin=theirs.fileno(),
                        stdout=subprocess.DEVNULL,
                        stderr=subprocess.DEVNULL,
                        env={name: os.environ[name] for name in INHERITED if name in os.environ},
                        start_new_session=True,  # Ctrl-C is for us; it ends when its standard input does
                    )
                self._requests = ours
            return self._requests


class Busy(Exception):
    """MAX_READINGS files are being read already."""


def _after_fork() -> None:
    """The helper is the parent's, and so were the threads that were reading."""
    global _readings  # noqa: PLW0603 - the only one
    _helper.forget()
    _readings = threading.BoundedSemaphore(MAX_READINGS)


_readings = threading.BoundedSemaphore(MAX_READINGS)
_helper = Helper()
os.register_at_fork(after_in_child=_after_fork)
atexit.register(_helper.stop)


def facts_of_foreign(content: bytes, trusted: Trust, *, now: datetime) -> Facts:
    """What a file from outside is, found out by a process that may use little time and memory and nothing else.

    It takes at most CPU_SECONDS of CPU and WALL_SECONDS; a file that needs more, or that makes the process fall, is
    `too_complex`. `now` is aware. Raises Busy, and OSError where no process can be started.
    """
    if not _readings.acquire(timeout=PATIENCE_FOR_TURN):
        raise Busy
    try:
        return _facts_of(content, trusted, now)
    finally:
        _readings.release()


def _facts_of(content: bytes, trusted: Trust, now: datetime) -> Facts:
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            _helper.ask(theirs)
        ours.settimeout(PATIENCE)
        said = b""
        with contextlib.suppress(OSError):  # it was ended while we wrote, or said nothing in time
            ours.sendall(dump(content, trusted, now=now))
            ours.shutdown(socket.SHUT_WR)
            while len(said) <= MOST_SAID and (more := ours.recv(MOST_SAID)):
                said += more
    try:
        return Facts.from_json(said)
    except (ValueError, KeyError, TypeError):
        log.warning("a file to verify of %d bytes was not read within the limits", len(content))
        return Facts(Problem.TOO_COMPLEX, cpu_seconds=CPU_SECONDS)
