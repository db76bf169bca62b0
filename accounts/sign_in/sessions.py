"""Sessions of a person: listed with device and address, and ended one by one or all but the current one."""

import re
from datetime import timedelta
from ipaddress import ip_address
from typing import Any, cast

from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access.security_log import record_security_event
from accounts.models import SecurityEvent, UserSession
from common.client_addresses import get_client_address
from common.transactions import in_transaction

SIGNED_IN_AT = "signed_in_at"
"""Session key: when the password was last entered, or another way of signing in completed, in seconds since 1970."""
RECENT = timedelta(minutes=10)
"""How long after signing in a person may change second factors without entering the password again."""
MAX_LISTED = 50
BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    *(("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows")),
    *(("Mac OS X", "macOS"), ("Linux", "Linux")),
)
"""Part of the user agent → name, first match wins."""


def get_sessions(user: User) -> list[UserSession]:
    """Return the person's open sessions, last used first, MAX_LISTED at most. A new password ends them all."""
    unexpired = UserSession.objects.filter(user=user, session__expire_date__gt=timezone.now())
    listed = unexpired.select_related("session").order_by("-last_seen_at", "-pk")[:MAX_LISTED]
    current_hash = user.get_session_auth_hash()
    return [one for one in listed if one.session.get_decoded().get(HASH_SESSION_KEY) == current_hash]


def note_sign_in(request: HttpRequest, user: User, **_signal: Any) -> None:
    """Begin the time in which the person may change second factors, and list the session."""
    request.session[SIGNED_IN_AT] = int(timezone.now().timestamp())
    note_use(request, user)


def note_use(request: HttpRequest, user: User) -> None:
    """Store when and from where the session was last used. Its key changes with the password, as then does its row."""
    if request.session.session_key is None:
        request.session.create()
    UserSession.objects.update_or_create(
        session_id=request.session.session_key,
        defaults={
            "user": user,
            "address": get_client_address(request),
            "user_agent": request.headers.get("User-Agent", "")[:200],
            "last_seen_at": timezone.now(),
        },
    )


def signed_in_recently(request: HttpRequest) -> bool:
    signed_in_at = request.session.get(SIGNED_IN_AT, 0)
    return bool(timezone.now().timestamp() - signed_in_at < RECENT.total_seconds())


@in_transaction
def end_session(*, user: User, pk: int) -> bool:
    """End one of the person's sessions. Return False if it has ended already."""
    session = Session.objects.filter(signed_in__pk=pk, signed_in__user=user)
    if not session.delete()[0]:
        return False
    record_security_event(kind=SecurityEvent.Kind.SESSION_ENDED, user_id=user.pk, detail="one")
    return True


@in_transaction
def end_sessions(*, user: User, but: str | None, by_id: int | None) -> int:
    """End all sessions of the person except the one with the key `but`, and return their number."""
    sessions = Session.objects.filter(signed_in__user=user).exclude(pk=but or "")
    number = sessions.count()
    if number:
        sessions.delete()
        kind = SecurityEvent.Kind.SESSION_ENDED
        record_security_event(kind=kind, user_id=by_id, about_id=user.pk, detail=f"{number} others")
    return number


def describe_device(user_agent: str) -> str:
    """Return browser and system in words, such as "Firefox, Windows"."""
    names = (next((name for part, name in parts if part in user_agent), "") for parts in (BROWSERS, SYSTEMS))
    return ", ".join(filter(None, names)) or _("Unknown device")


def shorten_address(address: str | None) -> str:
    """Return an address without its last part, which is enough to recognise a network."""
    if not address:
        return "—"
    if ip_address(address).version == 4:
        return re.sub(r"\.\d+$", ".x", address)
    return ":".join(cast(Any, ip_address(address)).exploded.split(":")[:3]) + ":x"
