"""Record events in the security log (docs/security.md)."""

from collections.abc import Sequence
from typing import Any

import structlog
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.http import HttpRequest

from accounts.models import SecurityEvent
from common.client_addresses import get_current_client_address

Kind = SecurityEvent.Kind
MAX_DETAIL_CHARS = SecurityEvent._meta.get_field("detail").max_length
WAYS = "signing_in"
"""Session key: the steps by which a person is signing in, such as "password"."""
log = structlog.get_logger(__name__)


def record_security_event(
    *, kind: SecurityEvent.Kind, user_id: int | None, about_id: int | None = None, detail: str = ""
) -> None:
    """Record an event in the caller's transaction, with the IP address of the current request.

    `user_id`: the acting user, None for commands. `about_id`: the person concerned, if different.
    `detail` must contain only ids and codes, such as "certification request 17".
    """
    about_id = None if about_id == user_id else about_id
    address = get_current_client_address()
    detail = detail[:MAX_DETAIL_CHARS]
    SecurityEvent.objects.create(kind=kind, user_id=user_id, about_id=about_id, address=address, detail=detail)
    log.info("security event", kind=kind.value, by=user_id, about=about_id)  # so that it is kept elsewhere too


def record_security_events(
    *, kind: SecurityEvent.Kind, user_id: int | None, entries: Sequence[tuple[int | None, str]]
) -> None:
    """Record several events of one kind in one statement. `entries`: pairs of `about_id` and `detail`, as above."""
    address = get_current_client_address()
    SecurityEvent.objects.bulk_create(
        SecurityEvent(kind=kind, user_id=user_id, about_id=about_id, address=address, detail=detail[:MAX_DETAIL_CHARS])
        for about_id, detail in entries
    )
    log.info("security events", kind=kind.value, by=user_id, count=len(entries))


def note_way_of_signing_in(request: HttpRequest, way: str, *, after: bool = False) -> None:
    """Store a step of signing in, the first one or one `after` it, for the event of the completed sign-in."""
    request.session[WAYS] = [*(request.session.get(WAYS, []) if after else []), way]


def _signed_in(user: Any, request: HttpRequest, **_signal: Any) -> None:
    ways = request.session.pop(WAYS, [])
    record_security_event(kind=Kind.SIGNED_IN, user_id=user.pk, detail=", ".join(ways))


def _signed_out(user: Any, **_signal: Any) -> None:
    if user is not None:
        record_security_event(kind=Kind.SIGNED_OUT, user_id=user.pk)


def record_failed_sign_in(username: str) -> None:
    """Record a failed sign-in. An unknown name is not stored, because people type passwords into that field."""
    user = get_user_model().objects.filter(username=username).only("pk").first()
    record_security_event(kind=Kind.SIGN_IN_FAILED, user_id=user.pk if user else None)


def record_failed_passkey() -> None:
    """Record a passkey that was not accepted. Whose it is meant to be is not known."""
    record_security_event(kind=Kind.SIGN_IN_FAILED, user_id=None, detail="passkey")


def record_sign_ins() -> None:
    """Connect to Django's sign-in signals. Failures are recorded by accounts/sign_in/limits.py."""
    user_logged_in.connect(_signed_in)
    user_logged_out.connect(_signed_out)
