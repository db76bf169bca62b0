"""Restore a backup into an empty database and storage: the files first, then the database in one transaction."""

from collections.abc import Iterator
from datetime import datetime

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from tqdm import tqdm

from contracts.operations.backup.engines import engine
from contracts.operations.backup.errors import BackupError
from contracts.operations.backup.files import find_unexpected_file, restore_file
from contracts.operations.backup.manifest import Backup


def restore(backup: Backup, *, now: datetime, used_storage: bool = False, incomplete: bool = False) -> list[str]:
    """Restore everything and hold all sending from `now` (aware). Return a sentence for each missing file.

    Files come first, so an interrupted restore leaves no database and can be run again. With `used_storage`, the
    storage may hold other files because it outlived its database. Raises BackupError and leaves the database empty;
    also if the backup lacks files, unless `incomplete`.
    """
    _check(backup, used_storage=used_storage)
    missing = list(_restore_files(backup))
    if missing and not incomplete:
        raise BackupError(
            "\n".join([*missing, "The database was not restored. Use --incomplete to restore it without these files."])
        )
    engine().restore(backup.dump, held_since=now)
    return missing


def _check(backup: Backup, *, used_storage: bool) -> None:
    if faults := backup.changed():
        raise BackupError("\n".join([*faults, "Nothing was restored. Choose another backup with --at NAME."]))
    if backup.manifest.engine != connection.vendor:
        raise BackupError(
            f"The backup is from {backup.manifest.engine}, but DATABASE_URL names a {connection.vendor} database."
        )
    if later := unknown_migrations(backup):
        raise BackupError(
            f"The backup was made by a later version of the product ({backup.manifest.version}). This version lacks its"
            f" migrations {', '.join(later)}. Restore it with that version."
        )
    engine().require_empty()
    if not used_storage and (path := find_unexpected_file(backup)):
        raise BackupError(
            f"The storage holds {path}, which is not in this backup. Point STORAGE_URL to an empty storage. If this is"
            " the storage of the system that you restore, use --used-storage."
        )


def unknown_migrations(backup: Backup) -> list[str]:
    """Return the migrations, as `app.name`, that the backup has and this version's code lacks."""
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations or {}
    return [
        f"{app}.{name}"
        for app, names in backup.manifest.migrations.items()
        for name in names
        if (app, name) not in known
    ]


def _restore_files(backup: Backup) -> Iterator[str]:
    files = tqdm(backup.listed(), total=backup.manifest.files, unit=" files", disable=None, leave=False)
    for path, sha256 in files:
        if fault := restore_file(backup, path, sha256):
            yield fault
