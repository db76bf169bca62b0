"""Dump and restore SQLite with its online backup, while others write."""

import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from pathlib import Path

from django.db import connection
from pyrage.x25519 import Recipient

from contracts.operations.backup.encryption import encrypt_stream
from contracts.operations.backup.errors import BackupError
from contracts.operations.backup.places import scratch_folder
from contracts.operations.backup.queries import Select

TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"


@contextmanager
def dumped(to: Path, recipients: Sequence[Recipient] = ()) -> Iterator[Select]:
    """Write the copy, encrypted if there are recipients, and yield a function that queries it. Raises BackupError."""
    with ExitStack() as stack:
        plain = stack.enter_context(scratch_folder()) / "copy" if recipients else to
        source = stack.enter_context(closing(sqlite3.connect(_path())))
        copy = stack.enter_context(closing(sqlite3.connect(plain)))
        try:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, complete in itself
        except sqlite3.Error as error:
            raise BackupError(f"The database could not be copied: {error}.") from error
        if recipients:
            with plain.open("rb") as opened, to.open("wb") as target:
                encrypt_stream(opened, target, recipients)
        yield copy.execute
    _to_disk(to)


def restore(dump: Path, *, held_since: datetime) -> None:
    """Replace the empty database by the copy, atomically and with sending held. Raises BackupError."""
    connection.close()
    path = _path()
    beside = path.with_name(f"{path.name}.restoring")
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(dump, beside)
    try:
        with closing(sqlite3.connect(beside)) as copy:
            ((result,),) = copy.execute("PRAGMA integrity_check(1)")
            since = connection.ops.adapt_datetimefield_value(held_since)
            copy.execute("INSERT OR REPLACE INTO jobs_sendinghold (id, since) VALUES (1, ?)", [since])
            copy.commit()
    except sqlite3.Error as error:
        result = str(error)
    if result != "ok":
        beside.unlink()
        raise BackupError(f"SQLite reports the dump as damaged: {result}.")
    _to_disk(beside)
    for rest in ("-wal", "-shm"):  # SQLite would take the empty database's files for the restored one's
        path.with_name(path.name + rest).unlink(missing_ok=True)
    beside.replace(path)


def require_empty() -> None:
    """Raise BackupError if the database has tables."""
    connection.close()
    if not _path().exists():
        return
    with closing(sqlite3.connect(_path())) as there:
        if tables := len(there.execute(TABLES).fetchall()):
            raise BackupError(
                f"The database {_path()} already has {tables} tables. Move it away with its -wal and -shm files, or"
                " point DATABASE_URL or DATA_DIR elsewhere."
            )


def server() -> str:
    return sqlite3.sqlite_version


def _path() -> Path:
    return Path(connection.settings_dict["NAME"])


def _to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
