"""Turns of background work: one worker per host runs a kind of work at a time, so that none occupies all workers."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction


@dataclass(frozen=True, slots=True)
class TurnResult:
    """The result of one turn of sending."""

    attempted: int
    can_continue: bool = True
    """False if another turn would be useless now: the mail server is unreachable, or sending is held."""


@contextmanager
def exclusive_turn(kind: str) -> Iterator[bool]:
    """Yield True if this caller acquired the lock for `kind` on this host, False if another process or thread has it.

    Uses a file lock, which the kernel releases when the process ends for any reason.
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


@contextmanager
def exclusive_on_all_hosts(kind: str, lock_key: int) -> Iterator[bool]:
    """Like exclusive_turn, for all hosts that share a PostgreSQL database, where the block is one transaction.

    `lock_key` is the key of an advisory lock.
    """
    with exclusive_turn(kind) as is_only_one_here:
        if not is_only_one_here or connection.vendor != "postgresql":
            yield is_only_one_here
            return
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [lock_key])
                [acquired] = cursor.fetchone()
            yield acquired


@contextmanager
def exclusive_through_commits(kind: str, *lock_key: int) -> Iterator[bool]:
    """Like exclusive_on_all_hosts, but the block may have transactions of its own.

    The lock is a transaction of another connection, so that it also works through PgBouncer. `lock_key` is one integer
    of 64 bits, or two of 32.
    """
    with exclusive_turn(kind) as is_only_one_here:
        if not is_only_one_here or connection.vendor != "postgresql":
            yield is_only_one_here
            return
        locking = connection.copy()
        try:
            locking.set_autocommit(False)
            with locking.cursor() as cursor:
                places = ", ".join(["%s"] * len(lock_key))
                cursor.execute(f"SELECT pg_try_advisory_xact_lock({places})", lock_key)
                [acquired] = cursor.fetchone()
            yield acquired
        finally:
            locking.close()
