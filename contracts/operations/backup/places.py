"""Places that hold backups: a folder, or a bucket of an object store. Both are Django storages."""

import fcntl
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, storages

from common.storage import open_stream
from common.storage_urls import storage as storage_entry
from contracts.operations.backup.errors import BackupError
from jobs.turns import exclusive_through_commits

LOCK_KEY = 0x0BAC0
"""First half of the advisory locks' keys; the second is the place's."""
LOCK = ".lock"
PROBE = "check-backup.txt"
BLOCK_BYTES = 1 << 20


class Place:
    """A folder or bucket. Methods raise BackupError if a store fails, and OSError if a folder does."""

    def __init__(self, storage: Storage, url: str, label: str, folder: Path | None) -> None:
        self.storage = storage
        self.url = url
        """Argument for commands. It may contain a password."""
        self.label = label
        """Shown to people, without passwords."""
        self.folder = folder
        """None for a bucket."""

    def path(self, name: str) -> str:
        return f"{self.label}/{name}"

    def open(self, name: str) -> "File[bytes]":
        """Open a file for reading once. Raises FileNotFoundError if it is missing."""
        with self._failing("read", name):
            return open_stream(self.storage, name)

    def read(self, name: str) -> bytes:
        with self.open(name) as file, self._failing("read", name):
            return bytes(file.read())

    def blocks(self, name: str) -> Iterator[bytes]:
        """Yield a file's content in blocks."""
        with self.open(name) as file:
            while True:
                with self._failing("read", name):
                    block = file.read(BLOCK_BYTES)
                if not block:
                    return
                yield bytes(block)

    def lines(self, name: str) -> Iterator[str]:
        """Yield a text file's lines without their ends."""
        rest = b""
        for block in self.blocks(name):
            *complete, rest = (rest + block).split(b"\n")
            yield from (line.decode() for line in complete)
        if rest:
            yield rest.decode()

    def write(self, name: str, content: bytes) -> None:
        """Write a file: whole or not at all."""
        with self._failing("written", name):
            self.storage.save(name, ContentFile(content))

    def keep(self, path: Path, name: str) -> None:
        """Make a file of the workspace durable under this name."""
        if self.folder is not None:
            descriptor = os.open(path, os.O_RDONLY)
            os.fsync(descriptor)
            os.close(descriptor)
            return
        with path.open("rb") as file, self._failing("written", name):
            self.storage.save(name, File(file))

    def delete(self, name: str) -> None:
        with self._failing("deleted", name):
            self.storage.delete(name)

    def delete_tree(self, name: str) -> None:
        for path in list(self.walk(f"{name}/")):
            self.delete(path)
        if self.folder is not None:
            for folder, _, _ in os.walk(self.folder / name, topdown=False):
                Path(folder).rmdir()

    def entries(self, folder: str = "") -> tuple[list[str], list[str]]:
        """Return the names of folders and files; none if the folder is missing."""
        try:
            with self._failing("listed", folder):
                folders, files = self.storage.listdir(folder)
        except FileNotFoundError:
            return [], []
        return folders, [name for name in files if name]

    def walk(self, folder: str) -> Iterator[str]:
        """Yield the names of all files below a folder, whose name ends with a slash."""
        folders, files = self.entries(folder)
        yield from (f"{folder}{name}" for name in files)
        for name in folders:
            yield from self.walk(f"{folder}{name}/")

    def holds(self, name: str) -> bool:
        """Return True if the file is there. A bucket is listed once, instead of a question for each of many files."""
        return name in self._listed if self.folder is None else (self.folder / name).exists()

    @cached_property
    def _listed(self) -> frozenset[str]:
        return frozenset(self.walk(""))

    @contextmanager
    def workspace(self, name: str) -> Iterator[Path]:
        """Yield a local folder for the files of a backup; it is the backup's own folder if the place is one."""
        if self.folder is None:
            with scratch_folder() as folder:
                yield folder
        else:
            (self.folder / name).mkdir(mode=0o700)
            yield self.folder / name

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let one backup at a time write here. Raises BackupError while another one does."""
        refusal = BackupError(f"Another backup to {self.label} is running.")
        if self.folder is None:
            key = zlib.crc32(self.label.encode()) >> 1
            with exclusive_through_commits(f"backup-{key}", LOCK_KEY, key) as acquired:
                if not acquired:
                    raise refusal
                yield
            return
        with (self.folder / LOCK).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise refusal from None
            yield

    def require_usable(self) -> None:
        """Write, read and delete a file; a store that forbids deletion keeps it. Raises BackupError."""
        if self.folder is not None:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.write(PROBE, b"check")
        if self.read(PROBE) != b"check":
            raise BackupError(f"{self.label} returned another file than was written.")
        if self.folder is not None:
            self.delete(PROBE)

    @contextmanager
    def _failing(self, deed: str, name: str) -> Iterator[None]:
        try:
            yield
        except (OSError, BackupError):
            raise
        except Exception as error:  # those of object stores share no base class
            raise BackupError(f"{self.path(name)} could not be {deed}: {error}.") from error


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Yield a private folder on the disk of DATA_DIR, as temporary folders may be small or in memory."""
    with TemporaryDirectory(dir=settings.DATA_DIR, prefix="backup-") as folder:
        yield Path(folder)


def find_place(given: str | None) -> Place:
    """Return the place of a path, of `file:///folder` or of `s3://bucket/prefix?…`; by default that of BACKUP_URL.

    Raises BackupError.
    """
    url = given or settings.BACKUP_URL
    if not url:
        raise BackupError("Name the folder or bucket of the backups, or set BACKUP_URL.")
    parts = urlsplit(url)
    if parts.scheme == "s3":
        try:
            store = storages.create_storage(storage_entry(url, "The bucket"))
        except ImproperlyConfigured as error:
            raise BackupError(str(error)) from error
        return Place(store, url, f"s3://{parts.netloc}{parts.path}".rstrip("/"), None)
    folder = Path(unquote(parts.path)) if parts.scheme == "file" else Path(url)
    absolute = folder.absolute().as_uri()
    return Place(storages.create_storage(storage_entry(absolute)), absolute, str(folder), folder)
