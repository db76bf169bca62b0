"""Dump and restore PostgreSQL with pg_dump and pg_restore."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile

from django.db import connection, transaction
from psycopg.conninfo import make_conninfo
from psycopg.pq import Conninfo
from pyrage.x25519 import Recipient

from contracts.operations.backup.encryption import encrypt_stream
from contracts.operations.backup.errors import BackupError
from contracts.operations.backup.queries import Select
from jobs.models import SendingHold

DEBIAN_PROGRAMS = Path("/usr/lib/postgresql")
"""Debian's folder of the programs, with a subfolder for each version."""
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
COUNT_OTHER_CLIENTS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


@contextmanager
def dumped(to: Path, recipients: Sequence[Recipient] = ()) -> Iterator[Select]:
    """Write the dump, encrypted if there are recipients, and yield a function that queries the same snapshot.

    Raises BackupError.
    """
    program = program_for("pg_dump", _major())
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        options = ("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}")
        if recipients:
            _run_encrypted(to, recipients, program, *options)
        else:
            _run(program, *options, f"--file={to}")
        yield _select


def restore(dump: Path, *, held_since: datetime) -> None:
    """Restore into the empty database in one transaction, then hold sending; no other client is connected.

    Raises BackupError.
    """
    program = program_for("pg_restore", _major())
    _run(program, "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", str(dump))
    SendingHold.objects.update_or_create(defaults={"since": held_since})
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # autovacuum would only do it later


def require_empty() -> None:
    """Raise BackupError if the database has tables or other clients are connected."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        if tables := len(cursor.fetchall()):
            raise BackupError(
                f"The database {connection.settings_dict['NAME']} already has {tables} tables. Create an empty one"
                " (createdb, without migrate) and point DATABASE_URL to it."
            )
        cursor.execute(COUNT_OTHER_CLIENTS)
        if others := cursor.fetchone()[0]:
            raise BackupError(
                f"{others} other clients are connected to the database. Stop web, worker and beat: they must not see a"
                " half-restored system or send its messages."
            )


def server() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return str(cursor.fetchone()[0])


def program_for(name: str, major: int) -> str:
    """Return the path of pg_dump or pg_restore for this server version: the same version, else the next newer one.

    Raises BackupError if there is none or only older ones, which refuse newer servers.
    """
    installed = [shutil.which(name), *(str(path) for path in DEBIAN_PROGRAMS.glob(f"*/bin/{name}"))]
    by_version = {_version(path): path for path in installed if path}
    advice = f"Install the client programs of PostgreSQL {major} (Debian: postgresql-client-{major})."
    if not by_version:
        raise BackupError(f"{name} is not installed. {advice}")
    fitting = [version for version in by_version if version >= major]
    if not fitting:
        raise BackupError(f"{name} {max(by_version)} is older than the server, which is {major}. {advice}")
    return by_version[min(fitting)]


def _select(query: str) -> Iterator[tuple]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(query)
        while rows := cursor.fetchmany(2000):
            yield from rows


def _major() -> int:
    connection.ensure_connection()
    return int(connection.pg_version) // 10_000  # type: ignore[attr-defined]  # of the PostgreSQL backend


def _version(program: str) -> int:
    """Return the program's major version; 0 if it cannot be read."""
    command = [program, "--version"]
    output = subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603 - pg_dump, pg_restore
    match = re.search(r"\) (\d+)", output)
    return int(match[1]) if match else 0


def _run(program: str, *arguments: str) -> None:
    """Run the program on the configured database. Raises BackupError."""
    where, environment = _connection()
    done = subprocess.run(  # noqa: S603 - pg_dump, pg_restore
        [program, *arguments, where], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise BackupError(f"{Path(program).name} failed: {done.stderr.strip()}")


def _run_encrypted(to: Path, recipients: Sequence[Recipient], program: str, *arguments: str) -> None:
    """Write the program's output encrypted; it is never on the disk in plain text. Raises BackupError or OSError."""
    where, environment = _connection()
    with to.open("wb") as target, TemporaryFile() as errors:
        with subprocess.Popen(  # noqa: S603 - pg_dump
            [program, *arguments, where], env=environment, stdout=subprocess.PIPE, stderr=errors
        ) as process:
            assert process.stdout is not None  # noqa: S101 - a pipe
            try:
                encrypt_stream(process.stdout, target, recipients)
            except BaseException:
                process.kill()
                raise
        errors.seek(0)
        said = errors.read().decode(errors="replace").strip()
    if process.returncode != 0:
        raise BackupError(f"{Path(program).name} failed: {said}")


def _connection() -> tuple[str, dict[str, str]]:
    """Return the argument and environment that lead to the configured database, with the password in the latter alone.

    Process lists do not show the environment.
    """
    options = {option.keyword.decode() for option in Conninfo.get_defaults()} - {"password"}
    params = connection.get_connection_params()
    where = make_conninfo(**{name: value for name, value in params.items() if name in options})
    secret = {"PGPASSWORD": params["password"]} if params.get("password") else {}
    return f"--dbname={where}", {**os.environ, **secret}
