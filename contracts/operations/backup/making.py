"""Make a backup: the dump and the facts about it, then the files, then the manifest."""

import fcntl
import shutil
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import connection
from tqdm import tqdm

from contracts.operations.backup import manifest, queries
from contracts.operations.backup.engines import engine
from contracts.operations.backup.errors import BackupError
from contracts.operations.backup.files import Damaged, fetch, is_referenced
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
from contracts.operations.backup.pruning import delete_older

LOCK, NAMES = ".lock", "names"
COPIES_AT_ONCE = 8
"""Object stores have latency but serve many requests in parallel."""


@dataclass(frozen=True, slots=True)
class PendingCopy:
    """A file being copied. `sha256` resolves to its checksum, or raises Damaged."""

    path: str
    is_new: bool
    sha256: "Future[str]"


@dataclass(slots=True)
class CopyResult:
    """Result of copying the files."""

    files: int = 0
    new: int = 0
    damaged: list[str] = field(default_factory=list)
    deleted: int = 0
    """Older backups."""


def back_up(
    folder: Path, *, now: datetime, jobs: int = COPIES_AT_ONCE, keep: int | None = None
) -> tuple[Backup, CopyResult]:
    """Back up the whole system into `folder` as of `now` (aware). Files that it already holds are not copied again.

    Nothing is stopped or blocked. `jobs` files are copied at once. Files that are missing or damaged in the storage are
    listed in `damaged`, and the others are copied. Otherwise backups older than the newest `keep` are deleted. Raises
    BackupError. There is no backup until the manifest is written; after an interruption, the next run reuses the files
    copied so far.
    """
    try:
        with _exclusive(folder):
            backup, copying = _back_up(folder, now, jobs)
            if keep and not copying.damaged:  # an older backup may be the only one with a file that is damaged now
                copying.deleted = delete_older(folder, keep=keep)
            return backup, copying
    except OSError as error:
        raise BackupError(
            f"{error.filename or folder} could not be written: {error.strerror or error}. This run made no backup;"
            " free some space and run it again: it continues from here."
        ) from error


def _back_up(folder: Path, now: datetime, jobs: int) -> tuple[Backup, CopyResult]:
    own = folder / now.astimezone(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")
    if own.exists():
        raise BackupError(f"{own} already exists: two backups within a second.")
    own.mkdir(mode=0o700)
    facts = _dump(own)
    copying = _copy(folder, own, jobs)
    made = Manifest(
        made_at=now.astimezone(UTC).isoformat(timespec="seconds"),
        version=product_version(),
        engine=connection.vendor,
        dump_size=(own / DUMP).stat().st_size,
        dump_sha256=sha256_of(own / DUMP),
        list_sha256=sha256_of(own / LIST),
        files=copying.files,
        damaged=copying.damaged,
        **facts,
    )
    (own / NAMES).unlink()
    manifest.write(made, own)
    return Backup(folder, own, made), copying


def _dump(own: Path) -> dict[str, Any]:
    """Dump the database, and read from the same snapshot its row counts, migrations, sealed head and file names."""
    database = engine()
    with database.dumped(own / DUMP) as select:
        with (own / NAMES).open("w") as names:
            names.writelines(f"{sha256}  {path}\n" for path, sha256 in queries.named_files(select))
        return {
            "server": database.server(),
            "rows": queries.count_rows(select, database.TABLES),
            "migrations": queries.migrations(select),
            "trail": queries.last_head(select),
        }


def _copy(folder: Path, own: Path, jobs: int) -> CopyResult:
    """Copy every file that the dump names, and write their list for `sha256sum --check`."""
    result = CopyResult()
    with (own / NAMES).open() as names, (own / LIST).open("w") as listed:
        lines = tqdm(names, unit=" files", disable=None, leave=False)
        for copied in _copies(lines, folder / FILES, jobs):
            try:
                sha256 = copied.sha256.result()
            except Damaged as damage:
                if is_referenced(copied.path):
                    result.damaged.append(f"{copied.path}: {damage}")
                continue
            listed.write(f"{sha256}  {copied.path}\n")
            result.files += 1
            result.new += copied.is_new
    return result


def _copies(names: Iterable[str], into: Path, jobs: int) -> Iterator[PendingCopy]:
    """Yield the copies of these lines in order. Up to `jobs` run at once, which limits memory."""
    waiting: deque[PendingCopy] = deque()
    with ThreadPoolExecutor(jobs) as threads:
        try:
            for line in names:
                expected, path = line.rstrip("\n").split("  ", 1)
                is_new = not (into / path).exists()
                waiting.append(PendingCopy(path, is_new, threads.submit(fetch, path, expected, into)))
                if len(waiting) > jobs:
                    yield waiting.popleft()
            yield from waiting
        finally:
            threads.shutdown(cancel_futures=True)


@contextmanager
def _exclusive(folder: Path) -> Iterator[None]:
    """Lock the folder for one backup at a time, and delete incomplete backups, but not their files."""
    if folder.exists() and not folder.is_dir():
        raise BackupError(f"{folder} is not a folder.")
    if folder.exists() and (unexpected := _unexpected_name(folder)):
        raise BackupError(f"{folder} is neither empty nor a backup folder: it holds {unexpected}. Choose another one.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError(f"Another backup to {folder} is running.") from None
        complete = manifest.sets_in(folder)
        for path in folder.iterdir():
            if SET_NAME.fullmatch(path.name) and path not in complete:
                shutil.rmtree(path)
        yield


def _unexpected_name(folder: Path) -> str:
    names = (path.name for path in folder.iterdir())
    return next((name for name in names if name not in {LOCK, FILES} and not SET_NAME.fullmatch(name)), "")
