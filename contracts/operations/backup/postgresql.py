"""A database of PostgreSQL by its own programs, pg_dump and pg_restore."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.db import connection, transaction
from psycopg.conninfo import make_conninfo
from psycopg.pq import Conninfo

from contracts.operations.backup.errors import BackupError
from contracts.operations.backup.snapshot import Select
from jobs.models import SendingHold

SERVERS_OWN = Path("/usr/lib/postgresql")
"""Where Debian keeps the programs, a folder for each version."""
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


@contextmanager
def dumped(to: Path) -> Iterator[Select]:
    """Write the dump; inside, ask the very snapshot that the dump was taken of. Raises BackupError."""
    program = program_for("pg_dump", _major())
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        _run(program, "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={to}")
        yield _select


def restore(dump: Path, *, held_since: datetime) -> None:
    """Restore into the empty database of the settings, all of it or nothing; then hold its sending: nobody else is
    connected. Raises BackupError.
    """
    program = program_for("pg_restore", _major())
    _run(program, "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", str(dump))
    SendingHold.objects.update_or_create(defaults={"since": held_since})
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # or the first hour would go by without statistics


def require_empty() -> None:
    """Raises BackupError where the database has tables, or somebody else is connected."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        if tables := len(cursor.fetchall()):
            raise BackupError(
                f"The database {connection.settings_dict['NAME']} has {tables} tables already. Make an empty one"
                " (createdb, and no migrate), and point DATABASE_URL to it."
            )
        cursor.execute(OTHERS)
        if others := cursor.fetchone()[0]:
            raise BackupError(
                f"{others} others are connected to the database. Stop web, worker and beat: they must not see half of"
                " a system, nor send what it holds."
            )


def server() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return str(cursor.fetchone()[0])


def program_for(name: str, major: int) -> str:
    """The path of pg_dump or pg_restore for a server of this version: of the same version, else the next newer one.

    Raises BackupError where there is none, or only older ones, which refuse a newer server.
    """
    installed = [shutil.which(name), *(str(path) for path in SERVERS_OWN.glob(f"*/bin/{name}"))]
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
    """The major version; 0 of what does not say."""
    command = [program, "--version"]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603 - pg_dump, pg_restore
    found = re.search(r"\) (\d+)", said)
    return int(found[1]) if found else 0


def _run(program: str, *arguments: str) -> None:
    """On the database of the settings, whose password no list of processes shows. Raises BackupError."""
    known = {option.keyword.decode() for option in Conninfo.get_defaults()} - {"password"}
    given = connection.get_connection_params()
    where = make_conninfo(**{name: value for name, value in given.items() if name in known})
    secret = {"PGPASSWORD": given["password"]} if given.get("password") else {}
    done = subprocess.run(  # noqa: S603 - pg_dump, pg_restore
        [program, *arguments, f"--dbname={where}"],
        env={**os.environ, **secret},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BackupError(f"{Path(program).name} failed: {done.stderr.strip()}")
