"""At most 60 verifications a minute from one address: files and codes, pages and API together."""

from django.http import HttpRequest
from rest_framework.request import Request

from billing.limits import Throttle

COSTLY = 10
"""A file that was not read within the limits counts as so many: it took seconds, where others take milliseconds."""


class VerificationThrottle(Throttle):
    policy = "verification"
    quota = 60

    def charge_more(self, request: HttpRequest | Request) -> None:
        """Counts the request that was just allowed as COSTLY ones."""
        self.count(request, COSTLY - 1)
