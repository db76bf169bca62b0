"""Circuit breakers for servers that may hang: Redis, the object store, the timestamp server.

A timeout alone is not enough: if eight threads each wait ten seconds, no page is served for ten seconds. After a hang,
calls to that server fail immediately for OPEN_SECONDS. In a web process one thread is never used for waiting.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

HANG_THRESHOLD_SECONDS = 0.9
"""A failed call that took at least this long counts as a hang."""
OPEN_SECONDS = 5.0
"""How long calls fail immediately after a hang."""
SLOT_TIMEOUT_SECONDS = 0.5
"""How long a call waits for a slot while too many threads are waiting for servers."""

PATIENCE_SECONDS = 60.0
"""How long background work retries calls to a server that hangs."""

Result = TypeVar("Result")

BREAKERS: list["CircuitBreaker"] = []
_slots: threading.Semaphore | None = None


class CircuitOpen(OSError):
    """Raised instead of calling a server that hung recently, or while too many threads are waiting."""


def reserve_one_thread(threads: int) -> None:
    """Allow at most `threads` - 1 threads of this process to wait for servers at once. Called in web processes."""
    global _slots  # noqa: PLW0603 - one limit per process
    _slots = threading.Semaphore(threads - 1) if threads > 1 else None


class CircuitBreaker:
    """A circuit breaker for one server. When the open period ends, a single caller tries the server again.

    `after_seconds`: a failed call that took at least this long counts as a hang.
    """

    def __init__(self, name: str, *, after_seconds: float = HANG_THRESHOLD_SECONDS) -> None:
        self.name = name
        self.after_seconds = after_seconds
        self._lock = threading.Lock()
        self._has_hung = False
        self._open_until = 0.0
        BREAKERS.append(self)

    @contextmanager
    def call(self) -> Iterator[None]:
        """Guard one call in the block. Raises CircuitOpen without running it, or whatever the block raises."""
        self._require_closed()
        slots = _slots
        if slots and not slots.acquire(timeout=SLOT_TIMEOUT_SECONDS):
            raise CircuitOpen(f"{self.name}: too many calls are waiting")
        started = time.monotonic()
        try:
            yield
        except FileNotFoundError:  # an answer, however slow
            self.reset()
            raise
        except Exception:
            if time.monotonic() - started >= self.after_seconds:
                self._open()
            raise
        else:
            self.reset()
        finally:
            if slots:
                slots.release()

    def reset(self) -> None:
        """Close the circuit, so that the next call reaches the server."""
        self._has_hung = False

    def _require_closed(self) -> None:
        with self._lock:
            if not self._has_hung:
                return
            if time.monotonic() < self._open_until:
                raise CircuitOpen(f"{self.name} did not answer a moment ago")
            self._open_until = time.monotonic() + OPEN_SECONDS  # only this call tries; the others keep failing

    def _open(self) -> None:
        with self._lock:
            self._has_hung = True
            self._open_until = time.monotonic() + OPEN_SECONDS


def call_patiently(call: Callable[[], Result]) -> Result:
    """Return what the call returns, and repeat it every second while a circuit is open. For work in the background.

    Raises CircuitOpen after PATIENCE_SECONDS, or whatever else the call raises.
    """
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return call()
        except CircuitOpen:
            if time.monotonic() >= give_up_at:
                raise
        time.sleep(1)
