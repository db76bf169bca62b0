"""The system as it is started in production, over a database of so many contracts."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from benchmarks.histories import Database
from contracts.models import TrailSeal
from tests.system import servers
from tests.system.processes import ROOT, Process, wait_for

PATIENCE = 1800
"""Seconds that a worker may take to seal the trails of an archive that has never been sealed."""
THREADS = 4
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Site:
    """`port` is that of gunicorn, with two workers of four threads."""

    contracts: int
    database: Database
    port: int
    web: Process
    worker: Process
    environment: dict[str, str]

    def cpu(self) -> dict[str, float]:
        """Seconds of processor time so far: by part; `others` is all else that the machine does."""
        [pids] = self.database.row(
            "SELECT array_agg(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        parts = {
            "web": cpu_of([self.web.popen.pid, *self.web.children()]),
            "PostgreSQL": cpu_of(pids or []),
            "worker": cpu_of([self.worker.popen.pid, *self.worker.children()]),
            "test": time.process_time(),
        }
        return {**parts, "others": busy() - sum(parts.values())}

    def rows_read(self) -> int:
        """Rows of tables and indexes that PostgreSQL has read so far for this database."""
        time.sleep(1.1)  # its processes tell of them once a second
        with self.database.open():
            return self.database.row(
                "SELECT tup_returned + tup_fetched FROM pg_stat_database WHERE datname = current_database()"
            )[0]


def busy() -> float:
    """Seconds of processor time that all of this machine has spent so far."""
    user, nice, system = map(int, Path("/proc/stat").read_text().split(maxsplit=4)[1:4])
    return (user + nice + system) / TICKS


def cpu_of(pids: list[int]) -> float:
    """Seconds of processor time of these processes of this machine; nothing for those that run elsewhere."""
    seconds = 0.0
    for pid in pids:
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            seconds += (int(fields[11]) + int(fields[12])) / TICKS
    return seconds


def manage(environment: dict[str, str], *words: str) -> str:
    """What the command says. Raises CalledProcessError."""
    command = [sys.executable, *words]
    return subprocess.run(command, cwd=ROOT, env=environment, check=True, text=True, stdout=subprocess.PIPE).stdout


def made_database(contracts: int, environment: dict[str, str]) -> str:
    """The name of the database with so many contracts, which is made where it is missing, and kept."""
    name = f"load_{contracts}"
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone():
            manage(environment_of(name, environment), "manage.py", "migrate", "--verbosity", "0")
            return name
        cursor.execute(f'CREATE DATABASE "{name}"')
    own = environment_of(name, environment)
    manage(own, "manage.py", "migrate", "--verbosity", "0")
    print(manage(own, "-m", "benchmarks.long_history", str(contracts)), end="", flush=True)
    return name


def environment_of(name: str, environment: dict[str, str]) -> dict[str, str]:
    where = connection.settings_dict
    url = f"postgres://{where['USER']}:{where['PASSWORD']}@{where['HOST']}:{where['PORT']}/{name}"
    return {**os.environ, **environment, "DATABASE_URL": url}


@contextmanager
def started(contracts: int, environment: dict[str, str]) -> Iterator[Site]:
    """gunicorn and a worker over the database with so many contracts, once the worker has caught up."""
    name = made_database(contracts, environment)
    own = environment_of(name, environment)
    database = Database(name)
    begun = time.perf_counter()
    with servers.web(own, threads=THREADS) as web, servers.worker(own) as worker:
        wait_for("the trails are sealed", lambda: _sealed(database), PATIENCE)
        print(f"{name}: trails sealed {time.perf_counter() - begun:.0f} s after the start", flush=True)
        yield Site(contracts, database, web.port, web.process, worker, own)
        database.connection.close()


def _sealed(database: Database) -> bool:
    time.sleep(0.5)
    with database.open():
        return TrailSeal.objects.exists()
