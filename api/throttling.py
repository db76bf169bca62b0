"""Rate limits of tokens, and of addresses that use invalid ones (docs/decisions/0017)."""

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

from common.throttling import Throttle


class TokenThrottle(Throttle):
    """API_RATE calls a minute for each token. Calls without a token are refused, or counted by address."""

    policy = "token"

    def __init__(self) -> None:
        self.quota = settings.API_RATE

    def who(self, request: HttpRequest | Request) -> str | None:
        token = getattr(request, "auth", None)
        return token and token.digest[:32]


class WrongTokenThrottle(Throttle):
    """Throttle calls that use an invalid token. Valid tokens work whatever else their address has tried."""

    policy = "wrong-tokens"
    quota = 60
