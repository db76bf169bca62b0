"""PgBouncer between us and PostgreSQL, in transaction mode."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
from django.db import connection

from tests.system.processes import Process, free_port, running, wait_for
from tests.system.servers import found

CONNECTIONS = 3
"""That PgBouncer keeps to PostgreSQL. A backup takes two of them for itself."""
OTHERS = 4
"""More than there are connections, so that somebody always waits for the next one that is free."""
BUSY = "SELECT pg_sleep(0.005)"
SETTINGS = """
[databases]
* = {where}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {connections}
ignore_startup_parameters = options, extra_float_digits
"""


@contextmanager
def pgbouncer(folder: Path) -> Iterator[int]:
    """Its port, once it answers. Every client is the user of the test's own database."""
    kept = connection.settings_dict
    where = {"host": kept["HOST"], "port": kept["PORT"], "user": kept["USER"], "password": kept["PASSWORD"]}
    port = free_port()
    file = folder / "pgbouncer.ini"
    told = " ".join(f"{name}={value}" for name, value in where.items() if value)
    file.write_text(SETTINGS.format(where=told, port=port, connections=CONNECTIONS))
    folder.chmod(0o755)
    file.chmod(0o644)
    command = [found("pgbouncer"), "--user", "nobody", str(file)]
    with running(command, log=folder / "pgbouncer.log") as process:
        wait_for("PgBouncer answers", lambda: _answers(process, port, kept["NAME"]))
        yield port


@contextmanager
def others_busy(port: int) -> Iterator[None]:
    """OTHERS go through it all the time, so that a client's next transaction is often another connection's."""
    ended = threading.Event()

    def go_on(client: psycopg.Connection) -> None:
        while not ended.is_set():
            client.execute(BUSY)

    with ExitStack() as stack:
        clients = [stack.enter_context(_connected(port, connection.settings_dict["NAME"])) for _ in range(OTHERS)]
        threads = [threading.Thread(target=go_on, args=[client]) for client in clients]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            ended.set()
            for thread in threads:
                thread.join()


def _connected(port: int, database: str) -> psycopg.Connection:
    """A client as Django is one: no transaction but a statement's own, and no statement is prepared."""
    where = {"host": "127.0.0.1", "port": port, "dbname": database, "user": "postgres", "connect_timeout": 5}
    return psycopg.connect(**where, autocommit=True, prepare_threshold=None)


def _answers(process: Process, port: int, database: str) -> bool:
    assert process.popen.poll() is None, process.log.read_text()
    try:
        _connected(port, database).close()
    except psycopg.OperationalError:
        return False
    return True
