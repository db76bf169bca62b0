"""Turns of background work: one worker of a host at a time does one kind, so that no kind takes all workers."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Sent:
    """The result of one turn of sending."""

    tried: int
    go_on: bool = True
    """False where another turn would be of no use now: the mail server is away, or sending is held."""


@contextmanager
def exclusive_turn(kind: str) -> Iterator[bool]:
    """Yield True to the only holder of `kind` on this host, and False at once while another process or thread holds it.

    A file lock, which the kernel releases when its process ends, however it ends.
    """
    folder = settings.DATA_DIR / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{kind}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
