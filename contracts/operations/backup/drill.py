"""The restore drill: restore a backup into a scratch database and folder, check it there, and delete both."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone
from psycopg.sql import SQL, Identifier

from contracts.operations.backup.errors import BackupError
from contracts.operations.backup.manifest import Backup
from contracts.operations.backup.places import scratch_folder
from jobs.models import RecoveryRun
from jobs.turns import exclusive_through_commits

LOCK_KEY = 0x0BAC2
SUFFIX = "_restore_drill"
"""Suffix of the scratch database's name. An interrupted drill leaves it behind, and the next drill replaces it."""


@dataclass(frozen=True, slots=True)
class DrillResult:
    restore_seconds: float
    verify_seconds: float


def drill(backup: Backup, *, identity: Path | None, server: str, processes: int) -> DrillResult:
    """Restore and verify the backup elsewhere, and record the success for the metrics.

    `server` is the URL of the PostgreSQL server for the scratch database; by default the live system's. The commands
    are those of a real restore, with the environment of a new system. Raises BackupError.
    """
    with exclusive_through_commits("restore-drill", LOCK_KEY) as acquired:
        if not acquired:
            raise BackupError("Another drill is running.")
        started = timezone.now()
        with scratch_folder() as folder, _scratch_database(server, folder) as database_url:
            environment = _environment(backup, folder, database_url)
            which = ["--at", backup.name]
            keys = ["--identity", str(identity)] if identity else []
            restored = _run(environment, "restore", *which, *keys)
            verified = _run(environment, "verify_restore", *which, "--processes", str(processes))
        RecoveryRun.record(
            RecoveryRun.Kind.DRILL, at=started, seconds=restored + verified, size=backup.manifest.dump_size
        )
        return DrillResult(restored, verified)


def _environment(backup: Backup, folder: Path, database_url: str) -> dict[str, str]:
    """Return the environment of the restored system: its own database, files and state; no broker and no anchor.

    The anchor has newer lists than the backup, which would count as missing.
    """
    return {
        **os.environ,
        "DATABASE_URL": database_url,
        "STORAGE_URL": (folder / "files").as_uri(),
        "DATA_DIR": str(folder / "data"),
        "SEAL_P12": settings.SEAL_P12,
        "REDIS_URL": "",
        "TRAIL_ANCHOR_URL": "",
        "BACKUP_URL": backup.place.url,
        "BACKUP_EVERY_HOURS": "",
    }


def _run(environment: dict[str, str], *command: str) -> float:
    """Run a command of manage.py and return its seconds. Raises BackupError if it fails."""
    started = time.monotonic()
    done = subprocess.run(  # noqa: S603 - this program
        [sys.executable, str(settings.BASE_DIR / "manage.py"), *command], env=environment, check=False
    )
    if done.returncode != 0:
        raise BackupError(f"{command[0]} failed with status {done.returncode}: the backup cannot be relied on.")
    return time.monotonic() - started


@contextmanager
def _scratch_database(server: str, folder: Path) -> Iterator[str]:
    """Create an empty database, yield its URL, and drop it."""
    if connection.vendor != "postgresql":
        yield f"sqlite:///{folder / 'contracts.sqlite3'}"
        return
    name = f"{connection.settings_dict['NAME']}{SUFFIX}"
    drop = SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name))
    url = urlsplit(server or os.environ["DATABASE_URL"])
    try:
        with psycopg.connect(url._replace(query="").geturl(), autocommit=True) as administration:
            administration.execute(drop)
            administration.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    except (psycopg.Error, DatabaseError) as error:
        raise BackupError(
            f"The scratch database {name} could not be created: {error}. Allow the user that (ALTER USER … CREATEDB),"
            " or name another PostgreSQL server by --server."
        ) from error
    try:
        yield url._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(url._replace(query="").geturl(), autocommit=True) as administration:
            administration.execute(drop)
