"""The manifest of a backup: its contents and checksums, as JSON."""

import hashlib
import json
import os
import re
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from contracts.operations.backup.errors import BackupError

FORMAT = 1
SET_NAME = re.compile(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ")
"""Name of a backup's own folder: the UTC time of its snapshot."""
MANIFEST, DUMP, LIST, FILES = "manifest.json", "database.dump", "files.sha256", "files"


@dataclass(frozen=True, slots=True)
class Manifest:
    made_at: str
    """ISO 8601 in UTC."""
    version: str
    """Version of this product."""
    engine: str
    """`postgresql` or `sqlite`."""
    server: str
    dump_size: int
    dump_sha256: str
    list_sha256: str
    """SHA-256 of files.sha256, which lists every file with its SHA-256."""
    files: int
    damaged: list[str]
    """Files missing or damaged in the storage, with the reason."""
    rows: dict[str, int]
    migrations: dict[str, list[str]]
    trail: dict[str, str] | None
    """The last sealed head of the audit trail, or None."""
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Backup:
    """A complete backup: the folder that holds it, its own folder and its manifest."""

    folder: Path
    own: Path
    manifest: Manifest

    @property
    def dump(self) -> Path:
        return self.own / DUMP

    def file(self, path: str) -> Path:
        """Return the backup's path of a stored file."""
        return self.folder / FILES / path

    def listed(self) -> Iterator[tuple[str, str]]:
        """Yield storage path and SHA-256 of every file."""
        with (self.own / LIST).open() as lines:
            for line in lines:
                sha256, path = line.rstrip("\n").split("  ", 1)
                yield path, sha256

    def changed(self) -> list[str]:
        """Return sentences for each difference of dump and list from the manifest."""
        faults = []
        for name, sha256 in ((DUMP, self.manifest.dump_sha256), (LIST, self.manifest.list_sha256)):
            path = self.own / name
            if not path.is_file():
                faults.append(f"{path} is missing.")
            elif sha256_of(path) != sha256:
                faults.append(f"{path} is not the file that was backed up: its SHA-256 differs from the manifest's.")
        return faults


def sets_in(folder: Path) -> list[Path]:
    """Return the complete backups in the folder, oldest first."""
    entries = folder.iterdir() if folder.is_dir() else iter(())
    return sorted(path for path in entries if SET_NAME.fullmatch(path.name) and (path / MANIFEST).is_file())


def read(folder: Path, at: str | None) -> Backup:
    """Return the newest complete backup in the folder, or the one with this name. Raises BackupError."""
    complete = sets_in(folder)
    if at is not None:
        complete = [path for path in complete if path.name == at]
    if not complete:
        named = f"the backup {at}" if at else "a complete backup"
        raise BackupError(f"{folder} does not hold {named}: {MANIFEST}, which is written last, is missing.")
    path = complete[-1]
    try:
        facts: dict[str, Any] = json.loads((path / MANIFEST).read_text())
        if facts.get("format") != FORMAT:
            raise BackupError(
                f"{path / MANIFEST} has format {facts.get('format')}; this version reads format {FORMAT}."
            )
        return Backup(folder, path, Manifest(**facts))
    except (ValueError, TypeError, AttributeError, OSError) as error:
        raise BackupError(f"{path / MANIFEST} cannot be read: {error}") from error


def write(manifest: Manifest, own: Path) -> None:
    """Write the manifest atomically. It completes the backup."""
    beside = own / f"{MANIFEST}.new"
    with beside.open("w") as file:
        json.dump(asdict(manifest), file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(own / MANIFEST)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def product_version() -> str:
    facts = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())
    return str(facts["project"]["version"])
