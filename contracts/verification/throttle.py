"""Throttle verifications to 60 a minute per address, files and codes, pages and API together."""

from django.http import HttpRequest
from rest_framework.request import Request

from common.throttling import Throttle

CPU_SECONDS_PER_REQUEST = 0.25
"""CPU time included in one request. A sound file takes a tenth of it; a file at the limit, 20 times as much."""


class VerificationThrottle(Throttle):
    policy = "verification"
    quota = 60

    def charge_cpu(self, request: HttpRequest | Request, cpu_seconds: float) -> None:
        """Count the allowed request once more for every CPU_SECONDS_PER_REQUEST that it took."""
        if more := int(cpu_seconds / CPU_SECONDS_PER_REQUEST):
            self.count(request, more)
