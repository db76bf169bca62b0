"""Limits on failed sign-ins at /login/ and /admin/login/: per name and address, per address, and per name."""

from hashlib import sha256
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.utils import reset
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rest_framework.request import Request

from accounts.access.security_log import record_failed_sign_in
from common.client_addresses import network_of
from common.errors import Refused
from common.throttling import Throttle, count, forget

WINDOW_SECONDS = 15 * 60
"""Same as AXES_COOLOFF_TIME, so that the page can state one waiting time."""
FAILURES_PER_ADDRESS = 30
"""Failed sign-ins from one address (IPv6: one /64) with any names; prevents trying one password with many names."""
FAILURES_PER_NAME = 25
"""Failed sign-ins with one name from all addresses; prevents distributed guessing. Takes five addresses to reach."""


class OldPasswordThrottle(Throttle):
    """Throttle attempts of a signed-in user to enter the old password, on the pages and in the back office."""

    policy = "password-change"
    quota = 10
    window = 60 * 60

    def who(self, request: HttpRequest | Request) -> str:
        return str(request.user.pk)


def count_old_password_attempt(request: HttpRequest) -> None:
    """Count an attempt to enter the old password. Raises Refused `throttled`."""
    throttle = OldPasswordThrottle()
    if not throttle.allow_request(request, None):
        minutes = -(-throttle.wait() // 60)
        message = ngettext(
            "Too many attempts. Try again in %(minutes)s minute.",
            "Too many attempts. Try again in %(minutes)s minutes.",
            minutes,
        )
        raise Refused("throttled", message % {"minutes": minutes})


class SignInThrottle(Throttle):
    """Throttle ways of signing in without a password, per client address. Each begins a session."""

    policy = "sign-in"
    quota = 60


def count_sign_in_attempt(request: HttpRequest) -> None:
    """Count an attempt to sign in without a password. Raises Refused `throttled`."""
    if not SignInThrottle().allow_request(request, None):
        raise Refused("throttled", _("Too many attempts. Try again in a minute."))


class SignInHandler(AxesDatabaseHandler):
    """Axes' limit per name and address (five failures), plus the two limits above."""

    def is_locked(self, request: Any, credentials: dict[str, Any] | None = None) -> bool:
        if super().is_locked(request, credentials):
            return True
        return any(_count_failures(key, add=0) >= limit for key, limit in _get_limits(request, credentials))

    def user_login_failed(self, sender: Any, credentials: dict[str, Any], request: Any = None, **signal: Any) -> None:
        """Count and record the failure, unless the attempt was refused before the password was checked."""
        refused = request is None or request.axes_locked_out
        super().user_login_failed(sender, credentials, request, **signal)
        if refused:
            return
        for key, _limit in _get_limits(request, credentials):
            _count_failures(key, add=1)
        record_failed_sign_in(str(credentials.get("username", "")))

    def reset_attempts(self, *, ip_address: str | None = None, username: str | None = None, **how: bool) -> int:
        """Reset the two limits above together with axes' own, also for `axes_reset_username` and `axes_reset_ip`."""
        if username:
            forget(_name_key(username))
        if ip_address:
            forget(_address_key(ip_address))
        removed: int = super().reset_attempts(ip_address=ip_address, username=username, **how)
        return removed


def reset_sign_in_limits(username: str) -> None:
    """Reset the failures of this name from all addresses, because its password is new."""
    reset(username=username)


def _get_limits(request: Any, credentials: dict[str, Any] | None) -> list[tuple[str, int]]:
    """Return the key and limit of each counter that applies to the sign-in."""
    name = str((credentials or {}).get("username", ""))
    limits = [(_name_key(name), FAILURES_PER_NAME)]
    if network := network_of(request):
        limits.append((_address_key(network), FAILURES_PER_ADDRESS))
    return limits


def _name_key(name: str) -> str:
    """Return a hashed key, because names are untrusted input and must not be stored in the cache."""
    return f"limit:failed-sign-ins:name:{sha256(name.encode()).hexdigest()[:32]}"


def _address_key(network: str) -> str:
    return f"limit:failed-sign-ins:address:{network}"


def _count_failures(key: str, *, add: int) -> int:
    """Return the failures in the current window; 0 while the cache is unreachable, when axes' limit still applies."""
    counted = count(key, add, WINDOW_SECONDS)
    return counted[0] if counted else 0
