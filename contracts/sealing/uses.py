"""Note each signature by the seal's key, for the ledger of uses (contracts/seal_uses.py)."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(slots=True)
class KeyUse:
    """One signature at `at` (aware)."""

    fingerprint: str
    at: datetime
    is_sample: bool = False
    """True if the signature only proves that a device's key belongs to the certificate."""
    output_sha256: str = ""
    """SHA-256 of the finished file or signature; empty if sealing failed after the key had signed."""
    level: str = ""


_noted: ContextVar[list[KeyUse] | None] = ContextVar("noted", default=None)


@contextmanager
def note_uses() -> Iterator[list[KeyUse]]:
    """Yield a list that receives each use of the key inside the block."""
    uses: list[KeyUse] = []
    token = _noted.set(uses)
    try:
        yield uses
    finally:
        _noted.reset(token)


def note_use(fingerprint: str, *, is_sample: bool = False) -> None:
    """Note that the key has just signed. Call it before anything else can fail."""
    if (uses := _noted.get()) is not None:
        uses.append(KeyUse(fingerprint, datetime.now(UTC), is_sample))


def note_output(output: bytes, level: str = "") -> None:
    """Note what the last signature produced."""
    if uses := _noted.get():
        uses[-1].output_sha256, uses[-1].level = hashlib.sha256(output).hexdigest(), level
