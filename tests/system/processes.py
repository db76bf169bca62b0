"""Processes of a test's own that may be killed at any time, and are ended for sure with the test."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60
Found = TypeVar("Found")


def wait_for(what: str, look: Callable[[], Found], patience: float = PATIENCE) -> Found:
    """What `look` returns once that is true of it; fails after `patience` seconds, saying `what` did not come."""
    deadline = time.monotonic() + patience
    while not (found := look()):
        assert time.monotonic() < deadline, f"after {patience} seconds, still not: {what}"
        time.sleep(0.02)
    return found


def say(text: str) -> None:
    """Shown by `pytest -s`, and where the test fails."""
    sys.stdout.write(f"\n{text}\n")


def free_port() -> int:
    """Below those that the system gives to callers, so that nobody is given it while its server is stopped."""
    while True:
        port = random.randint(20_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def children_of(pid: int) -> list[int]:
    stats = {path.parent.name: _read(path) for path in Path("/proc").glob("[0-9]*/stat")}
    return [int(child) for child, stat in stats.items() if stat and int(stat.rsplit(")", 1)[1].split()[1]) == pid]


def _read(path: Path) -> str:
    with contextlib.suppress(OSError):
        return path.read_text()
    return ""  # it ended meanwhile


@dataclass
class Process:
    """A server and its children, in a process group of their own."""

    popen: subprocess.Popen
    log: Path

    def children(self) -> list[int]:
        return children_of(self.popen.pid)

    def kill_children(self) -> None:
        for pid in self.children():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def kill_parent(self) -> None:
        self.popen.kill()
        self.popen.wait()

    def kill_all(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()

    def said(self, text: str) -> bool:
        assert self.popen.poll() is None, f"it ended by itself:\n{self.log.read_text()}"
        return text in self.log.read_text()


@contextmanager
def running(
    command: Sequence[str], *, log: Path, environment: Mapping[str, str] | None = None, folder: Path = ROOT
) -> Iterator[Process]:
    """The command, in the folder, until the block ends; what it said is shown when the test fails."""
    with (
        log.open("ab") as output,
        subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        ) as popen,
    ):
        process = Process(popen, log)
        try:
            yield process
        except BaseException:
            say(f"== {log.name}\n{log.read_text()[-5000:]}")
            raise
        finally:
            process.kill_all()
