"""Calls to other servers that may hang: Redis, the object store, the timestamp server.

A time limit alone is not enough: eight threads that each wait ten seconds are ten seconds without a page. So a server
that hung is left alone for a while, and in a web process one thread is never used for waiting.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

HUNG_SECONDS = 0.9
"""A call that fails after this time has hung; one that fails sooner keeps no thread waiting."""
LEFT_ALONE_SECONDS = 5.0
SLOT_SECONDS = 0.5
"""How long a call waits for its turn while too many others wait for their servers."""

SERVERS: list["Server"] = []
_slots: threading.Semaphore | None = None


class LeftAlone(OSError):
    """Raised in place of a call to a server that hung a moment ago, or while too many threads wait already."""


def keep_one_thread_free(threads: int) -> None:
    """Let at most `threads` - 1 threads of this process wait for other servers at once. For web processes."""
    global _slots  # noqa: PLW0603 - of the process
    _slots = threading.Semaphore(threads - 1) if threads > 1 else None


class Server:
    """One server that this process calls. While it is left alone, one caller at a time tries whether it is back.

    A call that fails after `after_seconds` or more means that it hung.
    """

    def __init__(self, name: str, *, after_seconds: float = HUNG_SECONDS) -> None:
        self.name = name
        self.after_seconds = after_seconds
        self._lock = threading.Lock()
        self._has_hung = False
        self._left_alone_until = 0.0
        SERVERS.append(self)

    @contextmanager
    def call(self) -> Iterator[None]:
        """Hold one call within the block. Raises LeftAlone without running it, and what the block raises."""
        self._require_turn()
        slots = _slots
        if slots and not slots.acquire(timeout=SLOT_SECONDS):
            raise LeftAlone(f"{self.name}: too many calls are waiting")
        started = time.monotonic()
        try:
            yield
        except Exception:
            if time.monotonic() - started >= self.after_seconds:
                self._leave_alone()
            raise
        else:
            self.forget()
        finally:
            if slots:
                slots.release()

    def forget(self) -> None:
        """Call it again at once."""
        self._has_hung = False

    def _require_turn(self) -> None:
        with self._lock:
            if not self._has_hung:
                return
            if time.monotonic() < self._left_alone_until:
                raise LeftAlone(f"{self.name} did not answer a moment ago")
            self._left_alone_until = time.monotonic() + LEFT_ALONE_SECONDS  # the others wait for what this call meets

    def _leave_alone(self) -> None:
        with self._lock:
            self._has_hung = True
            self._left_alone_until = time.monotonic() + LEFT_ALONE_SECONDS
