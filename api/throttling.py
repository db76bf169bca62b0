"""How often a token may call, and how often an address may try wrong ones (docs/decisions/0017)."""

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

from common.throttling import Throttle


class TokenThrottle(Throttle):
    """API_RATE calls a minute for each token. Who has none is let in nowhere, or counted by address."""

    policy = "token"

    def __init__(self) -> None:
        self.quota = settings.API_RATE

    def who(self, request: HttpRequest | Request) -> str | None:
        token = getattr(request, "auth", None)
        return token and token.digest[:32]


class WrongTokenThrottle(Throttle):
    """Calls with a token that is none. A valid one is answered whatever else its address has tried."""

    policy = "wrong-tokens"
    quota = 60
