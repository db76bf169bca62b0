"""Copy files between storage and backup, and check each one."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from django.core.files.base import File
from django.core.files.storage import Storage, default_storage

from common.storage import DurableFileSystemStorage
from contracts.operations.backup.manifest import Backup, sha256_of
from contracts.operations.backup.queries import file_fields

PROBE_NAMES = ("readyz.txt",)
"""Files that config/health.py writes to test the storage. They are not backed up."""


class Damaged(Exception):
    """A stored file is missing, or its content does not match its name."""


class CheckedFile(File):
    """A file that is hashed while it is copied. Reading its end fails if the checksum is wrong."""

    def __init__(self, file: IO[Any], expected: str) -> None:
        super().__init__(file)
        self.source = file
        self.expected = expected
        self.sha256 = ""

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """Yield the content. Raises Damaged for read errors, so that they differ from write errors."""
        digest = hashlib.sha256()
        while chunk := self._next(chunk_size or self.DEFAULT_CHUNK_SIZE):
            digest.update(chunk)
            yield chunk
        self.sha256 = digest.hexdigest()
        if self.expected and self.sha256 != self.expected:
            raise Damaged(f"its content does not match its name: its SHA-256 is {self.sha256}")

    def _next(self, size: int) -> bytes:
        try:
            return bytes(self.source.read(size))
        except Exception as error:  # the backends (file system, S3) share no base class for their failures
            raise Damaged(f"it cannot be read: {error}") from error


def fetch(path: str, expected: str, into: Path) -> str:
    """Copy a stored file into a folder unless it is there, and return its SHA-256.

    Raises Damaged, or OSError if the folder cannot be written.
    """
    target = into / path
    if target.exists():
        return expected or sha256_of(target)
    try:
        source = default_storage.open(path)
    except Exception as error:  # as in CheckedFile
        raise Damaged(f"it cannot be opened: {error}") from error
    with source:
        content = CheckedFile(source, expected)
        DurableFileSystemStorage(location=into, allow_overwrite=True).save(path, content)
    return content.sha256


def is_referenced(path: str) -> bool:
    """Return True if a row still names the file. Scans are deleted when a person is erased, maybe during the backup.

    Documents and lists of the trail have no path field, and are never deleted.
    """
    licences = [model._default_manager.filter(**{field: path}) for model, field in file_fields()]
    return path.startswith(("documents/", "trail/")) or any(rows.exists() for rows in licences)


def restore_file(backup: Backup, path: str, sha256: str) -> str:
    """Copy a file of the backup into the storage unless it is there intact. Return a sentence if that fails."""
    source = backup.file(path)
    if not source.is_file():
        return f"{source} is missing."
    if sha256_of(source) != sha256:
        return f"{source} is damaged: its SHA-256 is not {sha256}."
    if stored_sha256(path) != sha256:
        with source.open("rb") as file:
            default_storage.save(path, File(file))
    return ""


def stored_sha256(path: str) -> str:
    """Return the SHA-256 of a stored file; empty if it is missing or unreadable."""
    try:
        with default_storage.open(path) as file:
            digest = hashlib.sha256()
            for chunk in file.chunks():
                digest.update(chunk)
            return digest.hexdigest()
    except Exception:  # as in CheckedFile
        return ""


def find_unexpected_file(backup: Backup) -> str:
    """Return a stored file that the backup lacks; empty if there is none."""
    return next((path for path in _walk(default_storage, "") if not backup.file(path).exists()), "")


def _walk(storage: Storage, folder: str) -> Iterator[str]:
    """Yield every file of a storage, without probes and leftovers of interrupted writes."""
    try:
        folders, names = storage.listdir(folder)
    except FileNotFoundError:  # the storage of a new system
        return
    for name in names:
        if name and name not in PROBE_NAMES and not name.startswith("."):
            yield f"{folder}{name}"
    for name in folders:
        yield from _walk(storage, f"{folder}{name}/")
