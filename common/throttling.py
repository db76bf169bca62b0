"""How often somebody may ask: counted in windows, and told in the headers of the answer."""

import logging
import math
from dataclasses import dataclass
from typing import cast

from django.core.cache import caches
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from common.client_addresses import network_of
from common.counting_caches import AWAY, Counting

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands with a policy of `quota` in `window` seconds: `used` of it, with `ends_in` seconds left."""

    policy: str
    quota: int
    window: int
    used: int
    ends_in: float

    @property
    def within(self) -> bool:
        return self.used <= self.quota

    @property
    def wait(self) -> int:
        """Whole seconds until the window has ended, and one at least."""
        return max(1, math.ceil(self.ends_in))

    def headers(self) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers-11 has them."""
        left = max(0, self.quota - self.used)
        return {
            "RateLimit-Policy": f'"{self.policy}";q={self.quota};w={self.window}',
            "RateLimit": f'"{self.policy}";r={left};t={self.wait}',
        }


def count(key: str, by: int, seconds: int) -> tuple[int, float] | None:
    """Count `by` more in the shared cache (common/counting_caches.py); None, and a log line, while it is away."""
    try:
        return cast(Counting, caches["shared"]).count(key, by, seconds)
    except AWAY as error:
        log.error("requests are not counted, the cache does not answer: %s", error)
        return None


def forget(key: str) -> None:
    """End the window under `key`. While the shared cache is unreachable it ends by itself, and the log says so."""
    try:
        cast(Counting, caches["shared"]).forget(key)
    except AWAY as error:
        log.error("a limit is not lifted, the cache does not answer: %s", error)


class Throttle(BaseThrottle):
    """Counts in the cache that all processes share. While that is away nobody is held up, and the log says so.

    Who asks is the network of the client's address (common/client_addresses.py).
    """

    policy: str
    quota: int
    """Requests a window; 0: nothing is counted."""
    window = 60
    """Seconds. Whoever keeps to the quota in every window, whenever it begins, is never refused."""
    standing: Standing | None = None

    def who(self, request: HttpRequest | Request) -> str | None:
        """Whom the request counts for; None where it counts for nobody."""
        if network := network_of(request):
            return network
        said = str(self.get_ident(request))  # type: ignore[arg-type]  # it reads headers and META alone
        return "".join(char for char in said if char.isalnum() or char in ".:")[:64]

    def allow_request(self, request: HttpRequest | Request, view: object) -> bool:
        self.count(request)
        return self.standing is None or self.standing.within

    def wait(self) -> int:
        """Seconds until more is allowed, for who was refused."""
        return self.standing.wait if self.standing else 0

    def count(self, request: HttpRequest | Request, by: int = 1) -> None:
        """Count the request as so many; the middleware puts the standing into the answer (config/middleware.py)."""
        who = self.who(request)
        if not who or not self.quota:
            return
        if counted := count(f"limit:{self.policy}:{who}", by, self.window):
            self.standing = Standing(self.policy, self.quota, self.window, *counted)
            setattr(getattr(request, "_request", request), "standing", self.standing)  # noqa: B010 - no field of theirs
