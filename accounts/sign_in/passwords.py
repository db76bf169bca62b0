"""Set passwords, by an emailed link or with the old password (docs/decisions/0018)."""

from django.contrib.auth.models import User
from django.utils import timezone

from accounts.access.security_log import record_security_event
from accounts.access.tokens import delete_token
from accounts.emails import PASSWORD_CHANGED
from accounts.models import ApiToken, PasswordLinkRequest, SecurityEvent
from accounts.sign_in.limits import reset_sign_in_limits
from common.transactions import in_transaction
from emails.models import Notice
from emails.writing import send_emails_after_commit


@in_transaction
def request_password_link(*, email: str) -> None:
    """Request that a worker sends a reset link to each user with this address and a usable password.

    The same row is created for an unknown address, so that the response time reveals nothing (password_links.py).
    """
    PasswordLinkRequest.objects.create(email=email, asked_at=timezone.now())
    send_emails_after_commit()


@in_transaction
def set_password(*, user: User, password: str, by_id: int | None, keep_tokens: bool = False) -> None:
    """Set a validated password, and revoke what the old one may have exposed.

    Sessions end, because each contains a hash of its password; the caller keeps its own session with
    `update_session_auth_hash`. `by_id`: the user who sets the password.
    """
    user.set_password(password)
    user.save(update_fields=["password"])
    handle_password_change(user=user, by_id=by_id, keep_tokens=keep_tokens)


def handle_password_change(*, user: User, by_id: int | None, keep_tokens: bool = False) -> None:
    """Revoke API tokens, reset sign-in limits, record the change and notify the user, in the caller's transaction."""
    now = timezone.now()
    tokens = [] if keep_tokens else list(ApiToken.objects.filter(user=user).select_related("membership__account"))
    for token in tokens:
        delete_token(token, by_id=by_id)
    record_security_event(kind=SecurityEvent.Kind.PASSWORD_CHANGED, user_id=by_id, about_id=user.pk)
    reset_sign_in_limits(user.get_username())
    if user.email:
        facts = {"tokens": str(len(tokens))} if tokens else {}
        Notice.objects.create(user=user, kind=PASSWORD_CHANGED.name, facts=facts, due_at=now, created_at=now)
        send_emails_after_commit()
