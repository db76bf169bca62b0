"""New passwords: by a link that is mailed, or by whoever is signed in and knows the old one (docs/decisions/0018)."""

from django.contrib.auth.models import User
from django.utils import timezone

from accounts.access.tokens import delete_token
from accounts.emails import PASSWORD_CHANGED
from accounts.models import ApiToken, PasswordLinkRequest, SecurityEvent
from accounts.sign_in.limits import lift_limits
from accounts.sign_in.security_log import record_security_event
from common.transactions import in_transaction
from emails.models import Notice
from emails.writing import send_after_commit


@in_transaction
def ask_for_link(*, email: str) -> None:
    """Have a worker mail a link to each person who has this address and may sign in with a password.

    The same row is written for an unknown address, so that the response time reveals nothing (password_links.py).
    """
    PasswordLinkRequest.objects.create(email=email, asked_at=timezone.now())
    send_after_commit()


@in_transaction
def set_password(*, user: User, password: str, by_id: int | None, keep_tokens: bool = False) -> None:
    """Set a password that has passed the validators, and end what the old one may have given away.

    Sessions end because each holds a mark of the password it began with; the caller goes on with its own, if it has
    one, by `update_session_auth_hash`. `by_id` is the user who sets it.
    """
    user.set_password(password)
    user.save(update_fields=["password"])
    password_was_set(user=user, by_id=by_id, keep_tokens=keep_tokens)


def password_was_set(*, user: User, by_id: int | None, keep_tokens: bool = False) -> None:
    """In the caller's transaction: end API tokens and the limits of failed sign-ins, record it, and tell by email."""
    now = timezone.now()
    tokens = [] if keep_tokens else list(ApiToken.objects.filter(user=user).select_related("membership__account"))
    for token in tokens:
        delete_token(token, by_id=by_id)
    record_security_event(kind=SecurityEvent.Kind.PASSWORD_CHANGED, user_id=by_id, about_id=user.pk)
    lift_limits(user.get_username())
    if user.email:
        facts = {"tokens": str(len(tokens))} if tokens else {}
        Notice.objects.create(user=user, kind=PASSWORD_CHANGED.name, facts=facts, due_at=now, created_at=now)
        send_after_commit()
