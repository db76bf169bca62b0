"""Caches that count: how often something happened within a window, over all processes that share the cache."""

import time
from typing import Protocol

from django.core.cache.backends.filebased import FileBasedCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

from common.circuit_breaker import CircuitBreaker, CircuitOpen

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
    """For one host without Redis. Two processes that count at the same instant may count as one."""

    def count(self, key: str, by: int, seconds: int) -> tuple[int, float] | None:
        now = time.time()
        counted, ends = self.get(key) or (0, 0.0)
        if now >= ends:
            counted, ends = 0, now + seconds
        self.set(key, (counted + by, ends), timeout=ends - now)
        return counted + by, ends - now

    def forget(self, key: str) -> None:
        self.delete(key)
