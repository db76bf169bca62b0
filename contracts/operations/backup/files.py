"""Copy files between storage and backup, and check each one."""

import hashlib
from collections.abc import Iterator, Sequence

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, default_storage
from pyrage.x25519 import Identity, Recipient

from common.circuit_breaker import call_patiently
from contracts.operations.backup.encryption import SUFFIX, decrypt, encrypt
from contracts.operations.backup.manifest import FILES, Backup
from contracts.operations.backup.places import Place
from contracts.operations.backup.queries import file_fields

PROBE_NAMES = ("readyz.txt",)
"""Files that config/health.py writes to test the storage. They are not backed up."""


class Damaged(Exception):
    """A stored file is missing, or its content does not match its name."""


def fetch(path: str, expected: str, place: Place, recipients: Sequence[Recipient]) -> str:
    """Copy a stored file into the place, encrypted if there are recipients, and return the SHA-256 of its content.

    Raises Damaged if the storage fails, and BackupError or OSError if the place does.
    """
    try:
        content = call_patiently(lambda: _read(path))
    except Exception as error:  # the backends (file system, S3) share no base class for their failures
        raise Damaged(f"it cannot be read: {error}") from error
    sha256 = hashlib.sha256(content).hexdigest()
    if expected and sha256 != expected:
        raise Damaged(f"its content does not match its name: its SHA-256 is {sha256}")
    kept = encrypt(content, recipients) if recipients else content
    call_patiently(lambda: place.write(backup_name(path, recipients), kept))
    return sha256


def _read(path: str) -> bytes:
    with default_storage.open(path) as file:
        return bytes(file.read())


def backup_name(path: str, recipients: Sequence[Recipient]) -> str:
    """Return the name in a place of a stored file."""
    return f"{FILES}/{path}{SUFFIX if recipients else ''}"


def is_referenced(path: str) -> bool:
    """Return True if a row still names the file. Scans are deleted when a person is erased, maybe during the backup.

    Documents and lists of the trail have no path field, and are never deleted.
    """
    licences = [model._default_manager.filter(**{field: path}) for model, field in file_fields()]
    return path.startswith(("documents/", "trail/")) or any(rows.exists() for rows in licences)


def restore_file(backup: Backup, path: str, sha256: str, identities: Sequence[Identity]) -> str:
    """Copy a file of the backup into the storage unless it is there intact. Return a sentence if that fails."""
    name = backup.file(path)
    try:
        content = call_patiently(lambda: backup.place.read(name))
        if backup.manifest.encrypted:
            content = decrypt(content, identities)
    except FileNotFoundError:
        return f"{backup.place.path(name)} is missing."
    except ValueError as error:
        return f"{backup.place.path(name)} is damaged: {error}."
    if hashlib.sha256(content).hexdigest() != sha256:
        return f"{backup.place.path(name)} is damaged: its SHA-256 is not {sha256}."
    if stored_sha256(path) != sha256:
        call_patiently(lambda: default_storage.save(path, ContentFile(content)))
    return ""


def stored_sha256(path: str) -> str:
    """Return the SHA-256 of a stored file; empty if it is missing or unreadable."""
    try:
        return call_patiently(lambda: hashlib.sha256(_read(path)).hexdigest())
    except Exception:  # as in fetch
        return ""


def find_unexpected_file(backup: Backup) -> str:
    """Return a stored file that the backup lacks; empty if there is none."""
    return next((path for path in _walk(default_storage, "") if not backup.place.holds(backup.file(path))), "")


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
