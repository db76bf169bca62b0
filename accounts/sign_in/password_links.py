"""The links by which people set a new password: asked for by address, made when the email is sent, kept nowhere."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from emails.models import Notice
from accounts.models import PasswordLinkRequest
from common.transactions import in_transaction

LINKS_AN_HOUR = 3
"""Maximum emails to one person, whatever address asks."""


def look_up_requests() -> None:
    """Turn requests for a link into emails to the people who have the address. Safe to run at once with itself."""
    while _look_up_next():
        pass


@in_transaction
def _look_up_next() -> bool:
    request = PasswordLinkRequest.objects.select_for_update(skip_locked=True).order_by("pk").first()
    if request is None:
        return False
    known = [user.pk for user in PasswordResetForm().get_users(request.email)]
    users = get_user_model().objects.select_for_update().filter(pk__in=known).order_by("pk")
    lately = request.asked_at - timedelta(hours=1)
    for user in users:  # locked, so that requests at once are counted too
        mailed = Notice.objects.filter(user=user, kind=Notice.Kind.PASSWORD_LINK, created_at__gt=lately)
        if mailed.count() < LINKS_AN_HOUR:
            kind, asked_at = Notice.Kind.PASSWORD_LINK, request.asked_at
            Notice.objects.create(user=user, kind=kind, due_at=asked_at, created_at=asked_at)
    request.delete()
    return True


def path_of_link(user: User) -> str:
    """Where the person sets a new password.

    It works once, for PASSWORD_RESET_TIMEOUT seconds, and ends with the next sign-in.
    """
    token = default_token_generator.make_token(user)
    return reverse("password-reset-confirm", args=[urlsafe_base64_encode(force_bytes(user.pk)), token])


def link_is_late(notice: Notice) -> bool:
    """Whether so long has passed since it was asked for that it would have ended by now."""
    return timezone.now() - notice.created_at >= timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
