"""How often one address may ask for links, and how often one person may try an old password."""

import logging
import math

from django.core.cache import caches
from django.http import HttpRequest
from redis.exceptions import RedisError
from rest_framework.throttling import SimpleRateThrottle

AWAY = (RedisError, OSError)

log = logging.getLogger(__name__)


class Throttle(SimpleRateThrottle):
    """Counts in the cache that all processes share. While that is away nobody is held up, and the log says so."""

    def __init__(self, scope: str, rate: str, who: str = "") -> None:
        """`who` is whom it counts for; without, the address that asks, or what NUM_PROXIES proxies say of it."""
        self.scope, self.rate, self.who = scope, rate, who
        super().__init__()

    @property
    def cache(self):  # type: ignore[no-untyped-def, override]
        return caches["shared"]

    def get_cache_key(self, request: HttpRequest, view: object) -> str:
        said = self.who or str(self.get_ident(request))  # type: ignore[arg-type]  # it reads META alone
        ident = "".join(char for char in said if char.isalnum() or char in ".:")
        return f"throttle_{self.scope}_{ident[:64]}"

    def seconds_to_wait(self, request: HttpRequest) -> int:
        """Count the request; 0 where it may go on."""
        try:
            if self.allow_request(request, None):  # type: ignore[arg-type]
                return 0
        except AWAY as error:
            log.error("%s is not counted, the cache does not answer: %s", self.scope, error)
            return 0
        return max(1, math.ceil(self.wait() or 0))
