"""At most 60 verifications a minute from one address: files and codes, pages and API together."""

import logging
import math

from django.core.cache import caches
from django.http import HttpRequest
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

MOST = 60
SECONDS = 60
CACHE_AWAY = (RedisError, OSError)
COSTLY = 10
"""A file that was not read within the limits counts as so many: it took seconds, where others take milliseconds."""

log = logging.getLogger(__name__)


class VerificationThrottle(SimpleRateThrottle):
    """Counts in the cache that all processes share. While that is away nobody is held up, and the log says so.

    Who asks is the address of the connection, or what NUM_PROXIES trusted proxies say of it.
    """

    scope = "verification"
    rate = f"{MOST}/minute"

    @property
    def cache(self):  # type: ignore[no-untyped-def, override]
        return caches["shared"]

    def get_cache_key(self, request: HttpRequest | Request, view: APIView | None) -> str:
        who = str(self.get_ident(request))  # type: ignore[arg-type]  # it reads headers and META alone
        ident = "".join(char for char in who if char.isalnum() or char in ".:")
        return self.cache_format % {"scope": self.scope, "ident": ident[:64]}

    def allow_request(self, request: HttpRequest | Request, view: APIView | None) -> bool:
        try:
            return super().allow_request(request, view)  # type: ignore[arg-type]
        except CACHE_AWAY as error:
            log.error("verifications are not counted, the cache does not answer: %s", error)
            self.history, self.now = [], self.timer()
            return True

    def wait(self) -> float:
        """Seconds until one more is allowed, for who was refused: whole ones, and one at least."""
        room_from: float = self.history[MOST - 1] + SECONDS
        return max(1, math.ceil(room_from - self.now))

    def charge_more(self) -> None:
        """Counts the request that was just allowed as COSTLY ones."""
        try:
            self.history[:0] = [self.now] * (COSTLY - 1)
            self.cache.set(self.key, self.history, SECONDS)
        except CACHE_AWAY as error:
            log.error("verifications are not counted, the cache does not answer: %s", error)
