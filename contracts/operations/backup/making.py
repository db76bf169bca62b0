"""Make a backup: the dump and the facts about it, then the files, then the manifest."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from pyrage.x25519 import Recipient
from tqdm import tqdm

from contracts.operations.backup import manifest, queries
from contracts.operations.backup.encryption import SUFFIX, parse_recipients
from contracts.operations.backup.engines import engine
from contracts.operations.backup.errors import BackupError
from contracts.operations.backup.files import Damaged, backup_name, fetch, is_referenced
from contracts.operations.backup.manifest import (
    DUMP,
    FILES,
    LIST,
    SET_NAME,
    Backup,
    Manifest,
    product_version,
    sha256_of,
)
from contracts.operations.backup.parallel import run_ahead
from contracts.operations.backup.places import LOCK, PROBE, Place
from contracts.operations.backup.pruning import delete_older
from jobs.models import RecoveryRun

NAMES = "names"
"""File of the workspace with the files to copy."""
COPIES_AT_ONCE = 8
"""Object stores have latency but serve many requests in parallel."""


@dataclass(slots=True)
class CopyResult:
    """Result of copying the files."""

    files: int = 0
    new: int = 0
    damaged: list[str] = field(default_factory=list)
    deleted: int = 0
    """Older backups."""


def back_up(
    place: Place, *, now: datetime, jobs: int = COPIES_AT_ONCE, keep: int | None = None
) -> tuple[Backup, CopyResult]:
    """Back up the whole system into `place` as of `now` (aware). Files that it already holds are not copied again.

    Nothing is stopped or blocked. `jobs` files are copied at once. Dump and files are encrypted for BACKUP_RECIPIENTS.
    Files that are missing or damaged in the storage are listed in `damaged`, and the others are copied. Otherwise
    backups older than the newest `keep` are deleted. Raises BackupError. There is no backup until the manifest is
    written; after an interruption, the next run reuses the files copied so far.
    """
    recipients = parse_recipients(settings.BACKUP_RECIPIENTS)
    started = time.monotonic()
    try:
        _prepare(place)
        with place.locked():
            _delete_incomplete(place)
            backup, copying = _back_up(place, now, jobs, recipients)
            if keep and not copying.damaged:  # an older backup may be the only one with a file that is damaged now
                copying.deleted = delete_older(place, keep=keep)
    except OSError as error:
        raise BackupError(
            f"{error.filename or place.label} could not be written: {error.strerror or error}. This run made no backup;"
            " free some space and run it again: it continues from here."
        ) from error
    RecoveryRun.record(
        RecoveryRun.Kind.BACKUP,
        at=now,
        seconds=time.monotonic() - started,
        size=backup.manifest.dump_size,
        damaged=len(copying.damaged),
    )
    return backup, copying


def _back_up(place: Place, now: datetime, jobs: int, recipients: Sequence[Recipient]) -> tuple[Backup, CopyResult]:
    name = now.astimezone(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")
    if name in place.entries()[0]:
        raise BackupError(f"{place.path(name)} already exists: two backups within a second.")
    with place.workspace(name) as workspace:
        dump = workspace / f"{DUMP}{SUFFIX if recipients else ''}"
        facts = _dump(dump, workspace / NAMES, recipients)
        place.keep(dump, f"{name}/{dump.name}")
        copying = _copy(place, workspace, jobs, recipients)
        place.keep(workspace / LIST, f"{name}/{LIST}")
        made = Manifest(
            made_at=now.astimezone(UTC).isoformat(timespec="seconds"),
            version=product_version(),
            engine=connection.vendor,
            dump_size=dump.stat().st_size,
            dump_sha256=sha256_of(dump),
            list_sha256=sha256_of(workspace / LIST),
            files=copying.files,
            damaged=copying.damaged,
            encrypted=bool(recipients),
            **facts,
        )
        (workspace / NAMES).unlink()
        backup = Backup(place, name, made)
        manifest.write(backup)
        return backup, copying


def _dump(to: Path, names_file: Path, recipients: Sequence[Recipient]) -> dict[str, Any]:
    """Dump the database, and read from the same snapshot its row counts, migrations, sealed head and file names."""
    database = engine()
    with database.dumped(to, recipients) as select:
        with names_file.open("w") as names:
            names.writelines(f"{sha256}  {path}\n" for path, sha256 in queries.named_files(select))
        return {
            "server": database.server(),
            "rows": queries.count_rows(select, database.TABLES),
            "migrations": queries.migrations(select),
            "trail": queries.last_head(select),
        }


@dataclass(frozen=True, slots=True)
class Copier:
    """Copies a file unless the place holds it. `known`: the SHA-256 of files backed up earlier whose rows have none."""

    place: Place
    recipients: Sequence[Recipient]
    known: dict[str, str]

    def is_held(self, path: str, expected: str) -> bool:
        return bool(expected or path in self.known) and self.place.holds(backup_name(path, self.recipients))

    def __call__(self, line: str) -> tuple[str, bool]:
        """Return the SHA-256 of a line's file, and whether it was copied. Raises Damaged."""
        expected, path = split_line(line)
        if self.is_held(path, expected):
            return expected or self.known[path], False
        return fetch(path, expected, self.place, self.recipients), True


def split_line(line: str) -> tuple[str, str]:
    """Return the expected SHA-256, which may be empty, and the path of a line of NAMES."""
    expected, path = line.rstrip("\n").split("  ", 1)
    return expected, path


def _copy(place: Place, workspace: Path, jobs: int, recipients: Sequence[Recipient]) -> CopyResult:
    """Copy every file that the dump names, and write their list for `sha256sum --check`."""
    result = CopyResult()
    copy = Copier(place, recipients, _known_checksums(place))
    place.holds("")  # lists a bucket before the threads ask
    with (workspace / NAMES).open() as names, (workspace / LIST).open("w") as listed:
        lines = tqdm(names, unit=" files", disable=None, leave=False)
        for line, copied in run_ahead(copy, lines, jobs=jobs):
            path = split_line(line)[1]
            try:
                sha256, is_new = copied.result()
            except Damaged as damage:
                if is_referenced(path):
                    result.damaged.append(f"{path}: {damage}")
                continue
            listed.write(f"{sha256}  {path}\n")
            result.files += 1
            result.new += is_new
    return result


def _known_checksums(place: Place) -> dict[str, str]:
    """Return path → SHA-256 of the newest backup's files whose paths are not made of their checksums."""
    if not manifest.backups_in(place):
        return {}
    listed = manifest.read(place, None).listed()
    return {path: sha256 for path, sha256 in listed if not path.startswith(("documents/", "trail/"))}


def _prepare(place: Place) -> None:
    """Create the folder if the place is one. Raises BackupError for a place that holds anything but backups."""
    if place.folder is not None and place.folder.exists() and not place.folder.is_dir():
        raise BackupError(f"{place.label} is not a folder.")
    folders, files = place.entries()
    names = [*(name for name in folders if name != FILES and not SET_NAME.fullmatch(name)), *files]
    if unexpected := next((name for name in names if name not in {LOCK, PROBE}), ""):
        raise BackupError(
            f"{place.label} is neither empty nor a backup folder: it holds {unexpected}. Choose another one."
        )
    if place.folder is not None:
        place.folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _delete_incomplete(place: Place) -> None:
    """Delete incomplete backups, but not their files."""
    complete = manifest.backups_in(place)
    for name in place.entries()[0]:
        if SET_NAME.fullmatch(name) and name not in complete:
            place.delete_tree(name)
