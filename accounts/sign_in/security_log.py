"""The security log: sign-ins, tokens, passwords, roles, reads of identity scans, exports (docs/security.md)."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_logged_out

from accounts.models import SecurityEvent
from common.client_addresses import current_address

Kind = SecurityEvent.Kind


def record_security_event(
    *, kind: SecurityEvent.Kind, user_id: int | None, about_id: int | None = None, detail: str = ""
) -> None:
    """Append an event, in the caller's transaction, with the address of the request being answered.

    `user_id` is who did it, None for commands. `about_id` is the person concerned, where that is somebody else.
    `detail` holds ids and codes alone, such as "certification request 17".
    """
    about_id = None if about_id == user_id else about_id
    detail = detail[: SecurityEvent._meta.get_field("detail").max_length]
    SecurityEvent.objects.create(
        kind=kind, user_id=user_id, about_id=about_id, address=current_address(), detail=detail
    )


def _signed_in(user: Any, **_signal: Any) -> None:
    record_security_event(kind=Kind.SIGNED_IN, user_id=user.pk)


def _signed_out(user: Any, **_signal: Any) -> None:
    if user is not None:
        record_security_event(kind=Kind.SIGNED_OUT, user_id=user.pk)


def record_failed_sign_in(username: str) -> None:
    """Record whose name it was. A name that nobody has is not kept: people type their password into that field."""
    user = get_user_model().objects.filter(username=username).only("pk").first()
    record_security_event(kind=Kind.SIGN_IN_FAILED, user_id=user.pk if user else None)


def record_sign_ins() -> None:
    """Connect to Django's own signals, which every way of signing in sends. Failures: accounts/sign_in/limits.py."""
    user_logged_in.connect(_signed_in)
    user_logged_out.connect(_signed_out)
