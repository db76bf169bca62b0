"""Restore a backup into an empty database and storage: the files first, then the database in one transaction."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from pyrage.x25519 import Identity
from tqdm import tqdm

from contracts.operations.backup.engines import engine
from contracts.operations.backup.errors import BackupError
from contracts.operations.backup.files import find_unexpected_file, restore_file
from contracts.operations.backup.making import COPIES_AT_ONCE
from contracts.operations.backup.manifest import Backup
from contracts.operations.backup.parallel import run_ahead


def restore(
    backup: Backup,
    *,
    now: datetime,
    identities: Sequence[Identity] = (),
    used_storage: bool = False,
    incomplete: bool = False,
    jobs: int = COPIES_AT_ONCE,
) -> list[str]:
    """Restore everything and hold all sending from `now` (aware). Return a sentence for each missing file.

    `identities` are the private keys of an encrypted backup. `jobs` files are copied at once. Files come first, so an
    interrupted restore leaves no database and can be run again. With `used_storage`, the storage may hold other files
    because it outlived its database. Raises BackupError and leaves the database empty; also if the backup lacks files,
    unless `incomplete`.
    """
    _check(backup, used_storage=used_storage)
    if backup.manifest.encrypted and not identities:
        raise BackupError("The backup is encrypted: name the file with its private key by --identity.")
    with backup.fetched_dump(identities) as dump:
        missing = list(_restore_files(backup, identities, jobs))
        if missing and not incomplete:
            refusal = "The database was not restored. Use --incomplete to restore it without these files."
            raise BackupError("\n".join([*missing, refusal]))
        engine().restore(dump, held_since=now)
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


def _restore_files(backup: Backup, identities: Sequence[Identity], jobs: int) -> Iterator[str]:
    def restore_one(entry: tuple[str, str]) -> str:
        return restore_file(backup, *entry, identities)

    files = tqdm(backup.listed(), total=backup.manifest.files, unit=" files", disable=None, leave=False)
    for _, restored in run_ahead(restore_one, files, jobs=jobs):
        if fault := restored.result():
            yield fault
