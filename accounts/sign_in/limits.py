"""Limits on failed sign-ins, on /login/ and /admin/login/: per name and address, per address, and per name."""

from hashlib import sha256
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.utils import reset
from django.http import HttpRequest
from django.utils.translation import ngettext
from rest_framework.request import Request

from accounts.sign_in.security_log import record_failed_sign_in
from common.client_addresses import network_of
from common.errors import Refused
from common.throttling import Throttle, count, forget

WINDOW_SECONDS = 15 * 60
"""As AXES_COOLOFF_TIME, so that the page can name one time to wait."""
FAILURES_PER_ADDRESS = 30
"""Failed sign-ins by any names from one address (IPv6: one /64), against trying one password with many names."""
FAILURES_PER_NAME = 25
"""Failed sign-ins by one name from all addresses, against guessing from many. It takes five addresses to reach it."""


class OldPasswordThrottle(Throttle):
    """For a signed-in person who tries an old password, from wherever, on the account's page and in the back office."""

    policy = "password-change"
    quota = 10
    window = 60 * 60

    def who(self, request: HttpRequest | Request) -> str:
        return str(request.user.pk)


def require_to_try(request: HttpRequest) -> None:
    """Count a try of an old password. Raises Refused `throttled`."""
    throttle = OldPasswordThrottle()
    if not throttle.allow_request(request, None):
        minutes = -(-throttle.wait() // 60)
        said = ngettext(
            "Too many attempts. Try again in %(minutes)s minute.",
            "Too many attempts. Try again in %(minutes)s minutes.",
            minutes,
        )
        raise Refused("throttled", said % {"minutes": minutes})


class SignInHandler(AxesDatabaseHandler):
    """Axes' lock of one name from one address (five failures), and the two limits above."""

    def is_locked(self, request: Any, credentials: dict[str, Any] | None = None) -> bool:
        if super().is_locked(request, credentials):
            return True
        return any(_failures(key, add=0) >= limit for key, limit in _limits(request, credentials))

    def user_login_failed(self, sender: Any, credentials: dict[str, Any], request: Any = None, **signal: Any) -> None:
        """Count and record the failure. A try that was refused before the password was looked at is neither."""
        refused = request is None or request.axes_locked_out
        super().user_login_failed(sender, credentials, request, **signal)
        if refused:
            return
        for key, _limit in _limits(request, credentials):
            _failures(key, add=1)
        record_failed_sign_in(str(credentials.get("username", "")))

    def reset_attempts(self, *, ip_address: str | None = None, username: str | None = None, **how: bool) -> int:
        """Reset the two limits above with axes' own, for its commands `axes_reset_username` and `axes_reset_ip` too."""
        if username:
            forget(_key_of_name(username))
        if ip_address:
            forget(_key_of_address(ip_address))
        removed: int = super().reset_attempts(ip_address=ip_address, username=username, **how)
        return removed


def lift_limits(username: str) -> None:
    """Forget the failures of this name, from everywhere: its password is a new one."""
    reset(username=username)


def _limits(request: Any, credentials: dict[str, Any] | None) -> list[tuple[str, int]]:
    """The key and the limit of each counter that the sign-in falls under."""
    name = str((credentials or {}).get("username", ""))
    limits = [(_key_of_name(name), FAILURES_PER_NAME)]
    if network := network_of(request):
        limits.append((_key_of_address(network), FAILURES_PER_ADDRESS))
    return limits


def _key_of_name(name: str) -> str:
    """Names are typed by anybody; a hash is a sound key, and keeps the name out of the cache."""
    return f"limit:failed-sign-ins:name:{sha256(name.encode()).hexdigest()[:32]}"


def _key_of_address(network: str) -> str:
    return f"limit:failed-sign-ins:address:{network}"


def _failures(key: str, *, add: int) -> int:
    """Failures in the current window; 0 while the cache is unreachable, when axes' own count still holds."""
    counted = count(key, add, WINDOW_SECONDS)
    return counted[0] if counted else 0
