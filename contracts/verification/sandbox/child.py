"""The helper process: loads the libraries once and forks a limited process for each file.

It is a fresh interpreter without settings, database, keys or secrets of the environment, in memory either. Requests are
sockets received over standard input; over each comes our pickle, and the reply is JSON.
"""

import contextlib
import gc
import os
import pickle
import resource
import signal
import socket
import sys
from datetime import datetime
from typing import Any

from asn1crypto import crl, x509
from cryptography.hazmat.backends.openssl import backend  # noqa: F401 - otherwise loaded anew for each file

from common.confinement import code_folders, confine
from contracts.sealing.trust import Trust
from contracts.verification.sandbox.reading import read_facts

CPU_SECONDS = 5
WALL_SECONDS = 10
MEMORY_BYTES = 512 * 1024 * 1024
"""Limit of the address space. The process starts with 100 MB; a sound file of 20 MB takes 200 MB more."""

REFUSED_EVENTS = (
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
"""Python audit events (PEP 578) that are refused in the reading process, by prefix."""
WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
READ_EVENTS = ("open", "os.listdir", "os.scandir")
"""Audit events whose first argument is a path to read. Only paths below CODE_FOLDERS are allowed."""
CODE_FOLDERS = tuple(f"{folder}{os.sep}" for folder in code_folders())


def serve() -> None:
    """Fork for each socket that arrives, until the parent process closes the connection."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps child processes
    gc.freeze()  # so that garbage collection copies no memory pages of this process into its children
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
    """Read one file, reply with its facts and end the process."""
    try:
        limit()
        with socket.socket(fileno=descriptor) as line:
            with line.makefile("rb") as request:
                content, trusted, now = load(request.read())
            facts = read_facts(content, trusted, now=now)
            used = resource.getrusage(resource.RUSAGE_SELF)
            line.sendall(facts.to_json(cpu_seconds=used.ru_utime + used.ru_stime).encode())
    finally:
        os._exit(0)  # skips the exit handlers of the process it was forked from


def limit() -> None:
    """Limit this process for good: time, memory, network, files and other processes."""
    for kind, limit_ in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # macOS has no limit of the address space
            resource.setrlimit(kind, (limit_, limit_))
    signal.alarm(WALL_SECONDS)
    os.nice(10)  # requests for pages take priority
    confine()
    sys.addaudithook(_refuse)


def _refuse(event: str, args: tuple[Any, ...]) -> None:
    writes = event == "open" and isinstance(args[2], int) and bool(args[2] & WRITE_FLAGS)
    if writes or event.startswith(REFUSED_EVENTS) or (event in READ_EVENTS and not _is_code(args[0])):
        raise PermissionError(event)


def _is_code(path: Any) -> bool:
    """Return True if the path is below CODE_FOLDERS, or is an open file descriptor."""
    return isinstance(path, int) or f"{os.path.abspath(os.fsdecode(path or '.'))}{os.sep}".startswith(CODE_FOLDERS)


def dump(content: bytes, trusted: Trust, *, now: datetime) -> bytes:
    """Serialise a request for load()."""
    kinds = (trusted.roots, trusted.intermediates, trusted.timestamp_roots, trusted.crls)
    return pickle.dumps((content, [[one.dump() for one in kind] for kind in kinds], trusted.keys, now))


def load(request: bytes) -> tuple[bytes, Trust, datetime]:
    content, (*certificates, crls), keys, now = pickle.loads(request)  # noqa: S301 - from our own process
    roots, intermediates, timestamp_roots = (tuple(map(x509.Certificate.load, kind)) for kind in certificates)
    return content, Trust(roots, intermediates, timestamp_roots, tuple(map(crl.CertificateList.load, crls)), keys), now
