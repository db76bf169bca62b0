"""At most 60 verifications a minute from one address: files and codes, pages and API together."""

from django.http import HttpRequest
from rest_framework.request import Request

from common.throttling import Throttle

CPU_SECONDS_OF_ONE = 0.25
"""CPU time that one verification may take. A sound file takes a tenth of it; one at the limit, 20 times as much."""


class VerificationThrottle(Throttle):
    policy = "verification"
    quota = 60

    def charge_cpu(self, request: HttpRequest | Request, cpu_seconds: float) -> None:
        """Count the request that was just allowed once more for every CPU_SECONDS_OF_ONE that it took."""
        if more := int(cpu_seconds / CPU_SECONDS_OF_ONE):
            self.count(request, more)
