"""Making a backup: the dump and what the dump says of itself, then the files, then the manifest."""

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

from contracts.operations.backup import manifest, snapshot
from contracts.operations.backup.engines import engine
from contracts.operations.backup.errors import BackupError
from contracts.operations.backup.files import Damaged, fetch, still_named
from contracts.operations.backup.manifest import DUMP, LIST, SET_NAME, Backup, Manifest, product_version, sha256_of

LOCK, FILES, NAMES = ".lock", "files", "names"
READERS = 8
"""Files that are read at once: an object store answers each after a while, and many at the same time."""


@dataclass(frozen=True, slots=True)
class Copied:
    """A file on its way: `sha256` comes, or Damaged."""

    path: str
    is_new: bool
    sha256: "Future[str]"


@dataclass(slots=True)
class Copying:
    """What came of the files."""

    files: int = 0
    new: int = 0
    damaged: list[str] = field(default_factory=list)


def back_up(folder: Path, *, now: datetime) -> tuple[Backup, Copying]:
    """Back the whole system up into `folder`, as of `now` (aware), copying no file that is there already.

    Nothing is stopped and nobody waits. A file that is missing or damaged in the storage does not keep the others from
    being copied: it is in `damaged`. Raises BackupError; until the manifest is written there is no backup, and the next
    one begins where this one was broken off.
    """
    try:
        with _alone(folder):
            return _back_up(folder, now)
    except OSError as error:
        raise BackupError(
            f"{error.filename or folder} could not be written: {error.strerror or error}. There is no backup of"
            " this run; once there is room, run it again: it goes on from here."
        ) from error


def _back_up(folder: Path, now: datetime) -> tuple[Backup, Copying]:
    own = folder / now.astimezone(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")
    if own.exists():
        raise BackupError(f"{own} is there already: two backups within a second.")
    own.mkdir(mode=0o700)
    facts = _dump(own)
    copying = _copy(folder, own)
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
    """The database, and of the same instant: its rows, migrations and sealed head, and the names of its files."""
    database = engine()
    with database.dumped(own / DUMP) as select:
        with (own / NAMES).open("w") as names:
            names.writelines(f"{sha256}  {path}\n" for path, sha256 in snapshot.named_files(select))
        return {
            "server": database.server(),
            "rows": snapshot.count_rows(select, database.TABLES),
            "migrations": snapshot.migrations(select),
            "trail": snapshot.last_head(select),
        }


def _copy(folder: Path, own: Path) -> Copying:
    """Every file that the dump names, and the list of them, which `sha256sum --check` reads."""
    done = Copying()
    with (own / NAMES).open() as names, (own / LIST).open("w") as listed:
        for copied in _copied(tqdm(names, unit=" files", disable=None, leave=False), folder / FILES):
            try:
                sha256 = copied.sha256.result()
            except Damaged as damage:
                if still_named(copied.path):
                    done.damaged.append(f"{copied.path}: {damage}")
                continue
            listed.write(f"{sha256}  {copied.path}\n")
            done.files += 1
            done.new += copied.is_new
    return done


def _copied(names: Iterable[str], into: Path) -> Iterator[Copied]:
    """The files of these lines, in their order, several of them read at once and never more in memory."""
    waiting: deque[Copied] = deque()
    with ThreadPoolExecutor(READERS) as readers:
        try:
            for line in names:
                expected, path = line.rstrip("\n").split("  ", 1)
                is_new = not (into / path).exists()
                waiting.append(Copied(path, is_new, readers.submit(fetch, path, expected, into)))
                if len(waiting) > READERS:
                    yield waiting.popleft()
            yield from waiting
        finally:
            readers.shutdown(cancel_futures=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One backup at a time in a folder that is ours; what a broken-off one left in it goes, but for its files."""
    if folder.exists() and not folder.is_dir():
        raise BackupError(f"{folder} is no folder.")
    if folder.exists() and (foreign := _foreign(folder)):
        raise BackupError(f"{folder} is not empty and no folder of backups: {foreign} is in it. Name another one.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError(f"Another backup into {folder} is running.") from None
        complete = manifest.sets_in(folder)
        for path in folder.iterdir():
            if SET_NAME.fullmatch(path.name) and path not in complete:
                shutil.rmtree(path)
        yield


def _foreign(folder: Path) -> str:
    names = (path.name for path in folder.iterdir())
    return next((name for name in names if name not in {LOCK, FILES} and not SET_NAME.fullmatch(name)), "")
