"""The parts of the system as processes: web, worker, beat, and a PostgreSQL and a Redis that may be stopped."""

import http.client
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.system.processes import ROOT, Process, free_port, running, wait_for

Environment = Mapping[str, str]


@dataclass
class Web:
    process: Process
    port: int


@contextmanager
def web(
    environment: Environment, *, threads: int = 1, port: int = 0, within: Sequence[str] = (), code: Path = ROOT
) -> Iterator[Web]:
    """gunicorn with two workers, once it answers. `within`: a command that runs it, such as unshare."""
    port = port or free_port()
    command = [*within, sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", "2", "--threads", str(threads)]
    with running(
        command, log=_log(Path(environment["DATA_DIR"]), "web"), environment=environment, folder=code
    ) as process:
        wait_for("the web process answers", lambda: _answers(port))
        yield Web(process, port)


def _answers(port: int) -> bool:
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@contextmanager
def worker(environment: Environment, *, app: str = "config") -> Iterator[Process]:
    """A Celery worker of two child processes, once it takes tasks."""
    command = [*_celery(app), "worker", "--pool", "prefork", "--concurrency", "2", "--loglevel", "INFO"]
    command += ["--without-mingle", "--without-gossip", "--hostname", f"{os.urandom(4).hex()}@%h"]
    with running(command, log=_log(Path(environment["DATA_DIR"]), "worker"), environment=environment) as process:
        wait_for("the worker is ready", lambda: process.said(" ready."))
        yield process


@contextmanager
def beat(environment: Environment) -> Iterator[Process]:
    """The clock of config/celery.py, whose minutes take two seconds."""
    command = [*_celery("tests.system.hasty_clock"), "beat", "--loglevel", "INFO", "--max-interval", "1"]
    with running(command, log=_log(Path(environment["DATA_DIR"]), "beat"), environment=environment) as process:
        yield process


def _celery(app: str) -> list[str]:
    return [sys.executable, "-m", "celery", "-A", app]


def _log(folder: Path, name: str) -> Path:
    """One for each process: what follows a killed one has a log of its own."""
    return folder / f"{name}-{len(list(folder.glob(f'{name}-*.log')))}.log"


class Redis:
    """Keeps nothing: stopped, it has forgotten all."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder = folder

    @contextmanager
    def running(self) -> Iterator[Process]:
        command = [found("redis-server"), "--port", str(self.port), "--bind", "127.0.0.1"]
        command += ["--save", "", "--appendonly", "no", "--dir", str(self._folder)]
        with running(command, log=_log(self._folder, "redis")) as process:
            wait_for("Redis answers", lambda: process.said("Ready to accept connections"))
            yield process


class PostgreSQL:
    """A cluster in a folder of its own, which is reached by a socket in it."""

    def __init__(self, folder: Path, user: str | None) -> None:
        self.folder = folder
        self.url = f"postgres://postgres@/postgres?host={folder}"
        self._user = user
        """Whom it runs as: PostgreSQL refuses to run as root."""

    def create(self) -> None:
        self._run("initdb", "--auth", "trust", "--username", "postgres", "--encoding", "UTF8", "--locale", "C")
        with (self.folder / "data" / "postgresql.conf").open("a") as settings:
            settings.write(f"listen_addresses = ''\nunix_socket_directories = '{self.folder}'\n")
        self._run("pg_ctl", "start", "--wait", "--log", str(self.folder / "log"))

    def restart(self, mode: str) -> None:
        """Returns once it answers again. `immediate` leaves it to recover as after a crash; `fast` breaks off all."""
        self._run("pg_ctl", "restart", "--wait", "--mode", mode, "--log", str(self.folder / "log"))

    def remove(self) -> None:
        self._run("pg_ctl", "stop", "--wait", "--mode", "immediate")
        shutil.rmtree(self.folder)

    def _run(self, name: str, *arguments: str) -> None:
        command = [found(name), *arguments, "--pgdata", str(self.folder / "data")]
        # To a file: a pipe would stay open in the server, and be waited for.
        with (self.folder / "commands").open("ab") as said:
            done = subprocess.run(
                command, cwd=self.folder, user=self._user, stdout=said, stderr=subprocess.STDOUT, check=False
            )
        assert done.returncode == 0, (self.folder / "commands").read_text()[-3000:]


@contextmanager
def postgresql() -> Iterator[PostgreSQL]:
    """A new cluster that runs, and is removed at the end."""
    found("initdb")
    folder = Path(tempfile.mkdtemp(prefix="ecc-"))  # short, for a socket's path, and open to its user
    user = "postgres" if os.getuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    cluster = PostgreSQL(folder, user)
    cluster.create()
    try:
        yield cluster
    finally:
        cluster.remove()


def found(name: str) -> str:
    """The path of a server's program, which Debian keeps off the PATH. Skips the test where there is none."""
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    path = shutil.which(name) or (str(installed[-1]) if installed else "")
    if not path:
        pytest.skip(f"needs {name}: scripts/install_tools.sh installs it")
    return path
