"""Encryption of backups with age (age-encryption.org): public keys here, private keys elsewhere."""

from collections.abc import Sequence
from pathlib import Path
from typing import IO

import pyrage
from pyrage import x25519

from contracts.operations.backup.errors import BackupError

SUFFIX = ".age"
"""Suffix of the names of encrypted files."""


def parse_recipients(keys: Sequence[str]) -> list[x25519.Recipient]:
    """Parse public keys (`age1…`). Raises BackupError for a key with a typing error."""
    try:
        return [x25519.Recipient.from_str(key) for key in keys]
    except pyrage.RecipientError as error:
        raise BackupError(f"BACKUP_RECIPIENTS contains an invalid age key: {error}.") from error


def read_identities(path: Path) -> list[x25519.Identity]:
    """Read the private keys of a file made by `age-keygen`. Raises BackupError."""
    try:
        lines = [line.strip() for line in path.read_text().splitlines()]
        keys = [x25519.Identity.from_str(line) for line in lines if line.startswith("AGE-SECRET-KEY-")]
    except (OSError, UnicodeDecodeError, pyrage.IdentityError) as error:
        raise BackupError(f"{path} cannot be read as a private key of age: {error}") from error
    if not keys:
        raise BackupError(f"{path} holds no private key of age (AGE-SECRET-KEY-1…).")
    return keys


def encrypt_stream(source: IO[bytes], target: IO[bytes], recipients: Sequence[x25519.Recipient]) -> None:
    """Encrypt everything that `source` yields. Raises OSError if `target` cannot be written."""
    with _Target(target) as careful:
        try:
            pyrage.encrypt_io(source, careful, list(recipients))
        except pyrage.EncryptError as error:
            careful.raise_failure()
            raise OSError(str(error)) from error


def decrypt_stream(source: IO[bytes], target: IO[bytes], identities: Sequence[x25519.Identity]) -> None:
    """Decrypt a stream.

    Raises BackupError, and `target` may then hold a part of it; OSError if `target` cannot be written.
    """
    with _Target(target) as careful:
        try:
            pyrage.decrypt_io(source, careful, list(identities))
        except (pyrage.DecryptError, OSError) as error:  # the latter is raised for changed content
            careful.raise_failure()
            raise BackupError(f"The backup cannot be decrypted with this key: {error}.") from error


class _Target:
    """A file that remembers a failed write, as pyrage ignores that of the last block and hides the reason of others."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._failure: OSError | None = None

    def __enter__(self) -> "_Target":
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._file.flush()
            self.raise_failure()

    def raise_failure(self) -> None:
        if self._failure:
            raise self._failure

    def write(self, block: bytes) -> int:
        try:
            return self._file.write(block)
        except OSError as error:
            self._failure = error
            raise

    def flush(self) -> None:
        self._file.flush()


def encrypt(content: bytes, recipients: Sequence[x25519.Recipient]) -> bytes:
    return bytes(pyrage.encrypt(content, list(recipients)))


def decrypt(content: bytes, identities: Sequence[x25519.Identity]) -> bytes:
    """Decrypt a small file. Raises ValueError with the reason."""
    try:
        return bytes(pyrage.decrypt(content, list(identities)))
    except pyrage.DecryptError as error:
        raise ValueError(f"it cannot be decrypted with this key: {error}") from error
