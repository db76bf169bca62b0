"""Files from the storage into a backup and back, each checked on its way."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from django.core.files.base import File
from django.core.files.storage import Storage, default_storage

from common.storage import DurableFileSystemStorage
from contracts.operations.backup.manifest import Backup, sha256_of
from contracts.operations.backup.snapshot import file_fields

PROBES = ("readyz.txt",)
"""What config/health.py writes to see whether the storage works; a probe is no file of anybody's."""


class Damaged(Exception):
    """A file in the storage that is missing, or not what its name says."""


class Checked(File):
    """A file that is hashed as it is copied, and refuses to end where it is not what it should be."""

    def __init__(self, file: IO[Any], expected: str) -> None:
        super().__init__(file)
        self.source = file
        self.expected = expected
        self.sha256 = ""

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """Raises Damaged: what fails in reading is told apart from what fails in writing."""
        digest = hashlib.sha256()
        while chunk := self._next(chunk_size or self.DEFAULT_CHUNK_SIZE):
            digest.update(chunk)
            yield chunk
        self.sha256 = digest.hexdigest()
        if self.expected and self.sha256 != self.expected:
            raise Damaged(f"its content is not what its name says, but has the SHA-256 {self.sha256}")

    def _next(self, size: int) -> bytes:
        try:
            return bytes(self.source.read(size))
        except Exception as error:  # the backends (file system, S3) share no base class for their failures
            raise Damaged(f"it cannot be read: {error}") from error


def fetch(path: str, expected: str, into: Path) -> str:
    """Copy a file of the storage into a folder unless it is there; its SHA-256.

    Raises Damaged, and OSError where the folder cannot be written.
    """
    there = into / path
    if there.exists():
        return expected or sha256_of(there)
    try:
        source = default_storage.open(path)
    except Exception as error:  # as in Checked
        raise Damaged(f"it cannot be opened: {error}") from error
    with source:
        content = Checked(source, expected)
        DurableFileSystemStorage(location=into, allow_overwrite=True).save(path, content)
    return content.sha256


def still_named(path: str) -> bool:
    """Whether a row names the file now: a scan goes when its person's data are erased, maybe during the backup.

    Documents and lists of the trail, which no field names by path, never go.
    """
    licences = [model._default_manager.filter(**{field: path}) for model, field in file_fields()]
    return path.startswith(("documents/", "trail/")) or any(rows.exists() for rows in licences)


def put_back(backup: Backup, path: str, sha256: str) -> str:
    """Copy a file of the backup into the storage unless it is there, whole; a sentence where it cannot be."""
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
    """Of a file in the storage; empty where it is missing or cannot be read."""
    try:
        with default_storage.open(path) as file:
            digest = hashlib.sha256()
            for chunk in file.chunks():
                digest.update(chunk)
            return digest.hexdigest()
    except Exception:  # as in Checked
        return ""


def foreign_file(backup: Backup) -> str:
    """A file in the storage that the backup does not have; empty where there is none."""
    return next((path for path in _walk(default_storage, "") if not backup.file(path).exists()), "")


def _walk(storage: Storage, folder: str) -> Iterator[str]:
    """Every file of a storage, but probes and what a broken-off write left."""
    try:
        folders, names = storage.listdir(folder)
    except FileNotFoundError:  # the storage of a new system
        return
    for name in names:
        if name and name not in PROBES and not name.startswith("."):
            yield f"{folder}{name}"
    for name in folders:
        yield from _walk(storage, f"{folder}{name}/")
