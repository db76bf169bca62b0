"""Caches that count: how often something happened within a window, over all processes that share the cache."""

import fcntl
import pickle
import time
import zlib
from pathlib import Path
from typing import Protocol

from django.core.cache.backends.filebased import FileBasedCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

from common.circuit_breaker import CircuitBreaker, CircuitOpen

UNUSABLE = (FileNotFoundError, EOFError, pickle.UnpicklingError, ValueError, zlib.error)
"""Raised by a missing file, or one that was written in part before the host stopped."""
AWAY = (RedisError, OSError)
"""What counting raises while the cache is not there."""
REDIS = CircuitBreaker("Redis", after_seconds=0)
"""Cache and broker alike: what did not answer the one is not asked for the other."""


class Counting(Protocol):
    def count(self, key: str, by: int, seconds: int) -> tuple[int, float] | None:
        """Count `by` more under `key`: how many there are in its window by now, and in how many seconds that ends.

        A window of `seconds` opens with the first that is counted. None where nothing was counted, because the cache
        did not answer a moment ago. Raises AWAY.
        """
        ...

    def forget(self, key: str) -> None:
        """End the window under `key`. Raises AWAY."""
        ...


class CountingRedisCache(RedisCache):
    """Exact for any number of processes, in one round trip. Needs Redis 7."""

    def count(self, key: str, by: int, seconds: int) -> tuple[int, float] | None:
        key = self.make_and_validate_key(key)
        client = self._cache.get_client(key, write=True)
        try:
            with REDIS.call(), client.pipeline(transaction=False) as commands:
                commands.incrby(key, by)
                commands.expire(key, seconds, nx=True)
                commands.pttl(key)
                counted, _, left = commands.execute()
        except CircuitOpen:
            return None
        return counted, left / 1000

    def forget(self, key: str) -> None:
        with REDIS.call():
            self.delete(key)


class CountingFileCache(FileBasedCache):
    """For one host without Redis. Two processes that open a window at the same instant may count as one."""

    def count(self, key: str, by: int, seconds: int) -> tuple[int, float] | None:
        now = time.time()
        try:
            return self._count_more(key, by, now)
        except UNUSABLE:
            self.set(key, (by, now + seconds), timeout=seconds)
            return by, seconds

    def _count_more(self, key: str, by: int, now: float) -> tuple[int, float]:
        """Count in an open window, in its file. Raises UNUSABLE without one."""
        with Path(self._key_to_file(key)).open("r+b") as file:  # type: ignore[attr-defined]  # not in the stubs
            fcntl.flock(file, fcntl.LOCK_EX)
            pickle.load(file)  # noqa: S301 - as Django reads its own files: the time until which the entry is kept
            counted, ends = pickle.loads(zlib.decompress(file.read()))  # noqa: S301
            if now >= ends:
                raise FileNotFoundError
            file.seek(0)
            self._write_content(file, ends - now, (counted + by, ends))  # type: ignore[attr-defined]
            file.truncate()
        return counted + by, ends - now

    def forget(self, key: str) -> None:
        self.delete(key)
