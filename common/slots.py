"""A limit on how many requests of one process do something at once, because its threads are few."""

import os
import threading
from collections.abc import Generator, Iterator
from typing import TypeVar

Item = TypeVar("Item")


class Slots:
    """Up to `limit` holders at once in this process. Thread-safe; a forked process begins with all slots free."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._reset()
        os.register_at_fork(after_in_child=self._reset)

    def _reset(self) -> None:
        self._free = threading.BoundedSemaphore(self.limit)

    def take(self, *, timeout: float = 0) -> bool:
        """Take a slot, after at most `timeout` seconds. Return False if none became free."""
        return self._free.acquire(timeout=timeout)

    def release(self) -> None:
        self._free.release()


class SlotHeld(Iterator[Item]):
    """An iterator that holds a taken slot until it ends, fails or is closed, whichever comes first."""

    def __init__(self, slots: Slots, items: Generator[Item, None, None]) -> None:
        self._slots, self._items, self._is_held = slots, items, True

    def __next__(self) -> Item:
        try:
            return next(self._items)
        except BaseException:
            self._release()
            raise

    def close(self) -> None:
        """Called by the server, also when the client went away before the end."""
        try:
            self._items.close()
        finally:
            self._release()

    def _release(self) -> None:
        if self._is_held:
            self._is_held = False
            self._slots.release()
