"""PgBouncer between us and PostgreSQL, in transaction mode."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.db import connection

from tests.system.processes import Process, free_port, running, wait_for
from tests.system.servers import found

SETTINGS = """
[databases]
* = {where}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 4
ignore_startup_parameters = options, extra_float_digits
"""


@contextmanager
def pgbouncer(folder: Path) -> Iterator[int]:
    """Its port, once it answers. Every client is the user of the test's own database."""
    kept = connection.settings_dict
    where = {"host": kept["HOST"], "port": kept["PORT"], "user": kept["USER"], "password": kept["PASSWORD"]}
    port = free_port()
    file = folder / "pgbouncer.ini"
    file.write_text(
        SETTINGS.format(where=" ".join(f"{name}={value}" for name, value in where.items() if value), port=port)
    )
    folder.chmod(0o755)
    file.chmod(0o644)
    command = [found("pgbouncer"), "--user", "nobody", str(file)]
    with running(command, log=folder / "pgbouncer.log") as process:
        wait_for("PgBouncer answers", lambda: _answers(process, port, kept["NAME"]))
        yield port


def _answers(process: Process, port: int, database: str) -> bool:
    assert process.popen.poll() is None, process.log.read_text()
    try:
        psycopg.connect(host="127.0.0.1", port=port, dbname=database, user="postgres", connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True
