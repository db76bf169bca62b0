"""Compare a restored system with its backup. contracts/trail/check_archive.py checks the archive itself."""

from collections.abc import Iterator

from django.db import connection
from tqdm import tqdm

from contracts.operations.backup import queries
from contracts.operations.backup.engines import engine
from contracts.operations.backup.errors import BackupError
from contracts.operations.backup.files import stored_sha256
from contracts.operations.backup.manifest import Backup

TABLES_OF_MIGRATE = {"django_migrations", "django_content_type", "auth_permission"}
"""Tables to which `migrate` adds rows."""
TABLES_OF_RESTORE = {"jobs_sendinghold", "jobs_recoveryrun"}
"""Tables of the hold on sending, which restoring sets, and of the last backup."""


def differences(backup: Backup) -> Iterator[str]:
    """Yield a sentence for each difference of the database and storage from the backup. Reads every file.

    Changes nothing. Run it before the restored system is used. Raises BackupError if the database is empty.
    """
    yield from backup.changed()
    for damage in backup.manifest.damaged:
        yield f"The backup was made without a file: {damage}"
    yield from _database(backup)
    files = tqdm(backup.listed(), total=backup.manifest.files, unit=" files", disable=None, leave=False)
    for path, sha256 in files:
        stored = stored_sha256(path)
        if not stored:
            yield f"{path} is missing in the storage, or cannot be read."
        elif stored != sha256:
            yield f"{path} is not the file that was backed up: its SHA-256 is {stored}."


def _database(backup: Backup) -> Iterator[str]:
    select = _select
    restored = queries.count_rows(select, engine().TABLES)
    if "django_migrations" not in restored:
        raise BackupError("The database is empty: restore the backup first.")
    had, has = (
        {f"{app}.{name}" for app, names in migrations.items() for name in names}
        for migrations in (backup.manifest.migrations, queries.migrations(select))
    )
    for name in sorted(had - has):
        yield f"The migration {name} is missing in the database."
    migrated = bool(has - had)
    ignored = TABLES_OF_RESTORE | (TABLES_OF_MIGRATE if migrated else set())
    for table, rows in backup.manifest.rows.items():
        if table not in restored:
            if not migrated:
                yield f"The table {table} is missing: it had {rows} rows."
        elif table not in ignored and restored[table] != rows:
            yield f"The table {table} has {restored[table]} rows, but the backup has {rows}."
    if backup.manifest.trail != (head := queries.last_head(select)):
        was = _describe(backup.manifest.trail)
        yield f"The last daily list is {_describe(head)}, and was {was}."


def _select(query: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def _describe(head: dict[str, str] | None) -> str:
    return f"{head['number']} of {head['day']}, SHA-256 {head['sha256']}" if head else "none"
