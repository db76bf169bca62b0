"""Restoring a backup into an empty database and an empty storage: the files first, and then the database, at once."""

from collections.abc import Iterator
from datetime import datetime

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from tqdm import tqdm

from contracts.operations.backup.engines import engine
from contracts.operations.backup.errors import BackupError
from contracts.operations.backup.files import foreign_file, put_back
from contracts.operations.backup.manifest import Backup


def restore(backup: Backup, *, now: datetime, used_storage: bool = False, incomplete: bool = False) -> list[str]:
    """Put everything back, and hold all sending from `now` (aware) on; sentences: the files that are missing.

    Files come first, so a restore that was broken off has left no database, and the next one goes on from there. With
    `used_storage` the storage may hold other files: one that outlived its database. Raises BackupError, with the
    database as empty as before; for files that the backup lacks, unless `incomplete`.
    """
    _check(backup, used_storage=used_storage)
    missing = list(_put_files_back(backup))
    if missing and not incomplete:
        raise BackupError(
            "\n".join([*missing, "The database was not restored. With --incomplete it is, without these files."])
        )
    engine().restore(backup.dump, held_since=now)
    return missing


def _check(backup: Backup, *, used_storage: bool) -> None:
    if faults := backup.changed():
        raise BackupError("\n".join([*faults, "Nothing was restored. Take another backup: --at NAME."]))
    if backup.manifest.engine != connection.vendor:
        raise BackupError(
            f"The backup is of {backup.manifest.engine}, and DATABASE_URL names a database of {connection.vendor}."
        )
    if later := unknown_migrations(backup):
        raise BackupError(
            f"The backup was made by a later version of the product ({backup.manifest.version}): it has had the"
            f" migrations {', '.join(later)}, which this one does not know. Restore it with that version."
        )
    engine().require_empty()
    if not used_storage and (path := foreign_file(backup)):
        raise BackupError(
            f"The storage holds {path}, which is not of this backup. Point STORAGE_URL to an empty place; or, where"
            " this is the storage of the system that is restored, say --used-storage."
        )


def unknown_migrations(backup: Backup) -> list[str]:
    """`app.name` of what the backup's database has had and this version's code lacks."""
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations or {}
    return [
        f"{app}.{name}"
        for app, names in backup.manifest.migrations.items()
        for name in names
        if (app, name) not in known
    ]


def _put_files_back(backup: Backup) -> Iterator[str]:
    files = tqdm(backup.listed(), total=backup.manifest.files, unit=" files", disable=None, leave=False)
    for path, sha256 in files:
        if fault := put_back(backup, path, sha256):
            yield fault
