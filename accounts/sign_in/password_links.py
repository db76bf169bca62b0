"""The links by which people set a new password: asked for by address, made when the email is sent, kept nowhere."""

from datetime import datetime, timedelta

from django.contrib.auth import get_user_model
from django.contrib.auth.forms import PasswordResetForm

from accounts.emails import PASSWORD_LINK
from accounts.models import PasswordLinkRequest
from common.transactions import in_transaction
from emails.models import Notice

LINKS_AN_HOUR = 3
"""Maximum emails to one person, whatever address asks."""


def waiting_since() -> datetime | None:
    """Return when the oldest request was made; None where none waits."""
    return PasswordLinkRequest.objects.order_by("pk").values_list("asked_at", flat=True).first()


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
        mailed = Notice.objects.filter(user=user, kind=PASSWORD_LINK.name, created_at__gt=lately)
        if mailed.count() < LINKS_AN_HOUR:
            kind, asked_at = PASSWORD_LINK.name, request.asked_at
            Notice.objects.create(user=user, kind=kind, due_at=asked_at, created_at=asked_at)
    request.delete()
    return True
