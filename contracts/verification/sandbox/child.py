"""The helper process: it has loaded what reading needs, and forks a process with limits for each file.

It is a fresh interpreter: it has no settings, no database, no key and none of the environment's secrets, in its memory
neither. Requests come as sockets over its standard input: over each, a pickle of ours goes in and JSON comes out.
"""

import contextlib
import os
import pickle
import resource
import signal
import socket
import sys
from datetime import datetime
from typing import Any

from asn1crypto import crl, x509

from contracts.sealing.trust import Trust
from contracts.verification.sandbox.confinement import code_folders, confine
from contracts.verification.sandbox.reading import facts_of

CPU_SECONDS = 5
WALL_SECONDS = 10
MEMORY = 512 * 1024 * 1024
"""Bytes of address space. The process has 100 MB from the start; a sound file of 20 MB takes 200 MB more."""

REFUSED = (
    "socket.connect",
    "socket.bind",
    "socket.getaddrinfo",
    "socket.gethostby",
    "socket.sendto",
    "socket.sendmsg",
    "subprocess.",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.system",
    "os.remove",
    "os.rename",
    "os.link",
    "os.symlink",
    "os.mkdir",
    "os.rmdir",
    "os.truncate",
    "os.chmod",
    "os.kill",
    "ctypes.",
)
"""What the reading process may not do, by the names of Python's audit events (PEP 578)."""
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
LOOKING = ("open", "os.listdir", "os.scandir")
"""Audit events whose first argument is a path to read; allowed below CODE alone."""
CODE = tuple(f"{folder}{os.sep}" for folder in code_folders())


def serve() -> None:
    """Forks for every socket that arrives, until the process that started this one has gone."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries the dead
    with socket.socket(fileno=sys.stdin.fileno()) as requests:
        while True:
            _data, descriptors, _flags, _address = socket.recv_fds(requests, 1, 1)
            if not descriptors:
                return
            if os.fork() == 0:
                requests.close()
                _answer(descriptors[0])
            os.close(descriptors[0])


def _answer(descriptor: int) -> None:
    """Reads one file and says what it is; the process ends here, one way or another."""
    try:
        limit()
        with socket.socket(fileno=descriptor) as line:
            with line.makefile("rb") as asked:
                content, trusted, now = load(asked.read())
            facts = facts_of(content, trusted, now=now)
            used = resource.getrusage(resource.RUSAGE_SELF)
            line.sendall(facts.to_json(cpu_seconds=used.ru_utime + used.ru_stime).encode())
    finally:
        os._exit(0)  # not the way of the process that it was forked from


def limit() -> None:
    """Takes from this process, for good, time, memory, network, files and other processes."""
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # macOS knows no limit of address space
            resource.setrlimit(kind, (most, most))
    signal.alarm(WALL_SECONDS)
    os.nice(10)  # whoever waits for a page comes first
    confine()
    sys.addaudithook(_refuse)


def _refuse(event: str, given: tuple[Any, ...]) -> None:
    writes = event == "open" and isinstance(given[2], int) and bool(given[2] & WRITING)
    if writes or event.startswith(REFUSED) or (event in LOOKING and not _is_code(given[0])):
        raise PermissionError(event)


def _is_code(path: Any) -> bool:
    """True if the path is below CODE, or is a file that is open already."""
    return isinstance(path, int) or f"{os.path.abspath(os.fsdecode(path or '.'))}{os.sep}".startswith(CODE)


def dump(content: bytes, trusted: Trust, *, now: datetime) -> bytes:
    """A request, as load reads it."""
    kinds = (trusted.roots, trusted.intermediates, trusted.timestamp_roots, trusted.crls)
    return pickle.dumps((content, [[one.dump() for one in kind] for kind in kinds], now))


def load(asked: bytes) -> tuple[bytes, Trust, datetime]:
    content, (*certificates, crls), now = pickle.loads(asked)  # noqa: S301 - of our own process
    roots, intermediates, timestamp_roots = (tuple(map(x509.Certificate.load, kind)) for kind in certificates)
    return content, Trust(roots, intermediates, timestamp_roots, tuple(map(crl.CertificateList.load, crls))), now
