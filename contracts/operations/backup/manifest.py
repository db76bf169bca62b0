"""The manifest of a backup: its contents and checksums, as JSON."""

import hashlib
import json
import re
import shutil
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from pyrage.x25519 import Identity

from contracts.operations.backup.encryption import SUFFIX, decrypt_stream
from contracts.operations.backup.errors import BackupError
from contracts.operations.backup.places import Place, scratch_folder

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
    encrypted: bool = False
    """Dump and files are encrypted. The checksum of the dump is that of the encrypted file, those of files are not."""
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Backup:
    """A complete backup: the place that holds it, its name and its manifest."""

    place: Place
    name: str
    manifest: Manifest

    @property
    def path(self) -> str:
        return self.place.path(self.name)

    @property
    def suffix(self) -> str:
        """End of the names of the dump and the files in the place."""
        return SUFFIX if self.manifest.encrypted else ""

    @property
    def dump(self) -> str:
        return f"{self.name}/{DUMP}{self.suffix}"

    def file(self, path: str) -> str:
        """Return the name in the place of a stored file."""
        return f"{FILES}/{path}{self.suffix}"

    def listed(self) -> Iterator[tuple[str, str]]:
        """Yield storage path and SHA-256 of every file."""
        for line in self.place.lines(f"{self.name}/{LIST}"):
            sha256, path = line.split("  ", 1)
            yield path, sha256

    def changed(self) -> list[str]:
        """Return sentences for each difference of dump and list from the manifest."""
        faults = []
        for name, sha256 in (
            (self.dump, self.manifest.dump_sha256),
            (f"{self.name}/{LIST}", self.manifest.list_sha256),
        ):
            try:
                if self._sha256(name) != sha256:
                    faults.append(
                        f"{self.place.path(name)} is not the file that was backed up: its SHA-256 differs from the"
                        " manifest's."
                    )
            except FileNotFoundError:
                faults.append(f"{self.place.path(name)} is missing.")
        return faults

    def _sha256(self, name: str) -> str:
        digest = hashlib.sha256()
        for block in self.place.blocks(name):
            digest.update(block)
        return digest.hexdigest()

    @contextmanager
    def fetched_dump(self, identities: Sequence[Identity]) -> Iterator[Path]:
        """Yield the dump as a local, decrypted file. Raises BackupError."""
        if self.place.folder is not None and not self.manifest.encrypted:
            yield self.place.folder / self.dump
            return
        with scratch_folder() as folder, self.place.open(self.dump) as source, (folder / DUMP).open("wb") as target:
            if self.manifest.encrypted:
                decrypt_stream(source, target, identities)
            else:
                shutil.copyfileobj(source, target)
            target.flush()
            yield folder / DUMP


def backups_in(place: Place) -> list[str]:
    """Return the names of the complete backups in the place, oldest first."""
    names = sorted(name for name in place.entries()[0] if SET_NAME.fullmatch(name))
    return [name for name in names if MANIFEST in place.entries(f"{name}/")[1]]


def read(place: Place, at: str | None) -> Backup:
    """Return the newest complete backup in the place, or the one with this name. Raises BackupError."""
    complete = backups_in(place)
    if at is not None:
        complete = [name for name in complete if name == at]
    if not complete:
        named = f"the backup {at}" if at else "a complete backup"
        raise BackupError(f"{place.label} does not hold {named}: {MANIFEST}, which is written last, is missing.")
    path = f"{complete[-1]}/{MANIFEST}"
    try:
        facts: dict[str, Any] = json.loads(place.read(path))
        if facts.get("format") != FORMAT:
            raise BackupError(
                f"{place.path(path)} has format {facts.get('format')}; this version reads format {FORMAT}."
            )
        return Backup(place, complete[-1], Manifest(**facts))
    except (ValueError, TypeError, AttributeError, OSError) as error:
        raise BackupError(f"{place.path(path)} cannot be read: {error}") from error


def write(backup: Backup) -> None:
    """Write the manifest, whole or not at all. It completes the backup."""
    backup.place.write(f"{backup.name}/{MANIFEST}", json.dumps(asdict(backup.manifest), indent=1).encode())


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def product_version() -> str:
    facts = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())
    return str(facts["project"]["version"])
