"""Password reset links: requested by email address, created when the email is sent, never stored."""

from datetime import datetime, timedelta

from django.contrib.auth import get_user_model
from django.contrib.auth.forms import PasswordResetForm

from accounts.emails import PASSWORD_LINK
from accounts.models import PasswordLinkRequest
from common.transactions import in_transaction
from emails.models import Notice

MAX_LINKS_PER_HOUR = 3
"""Maximum number of emails per user, from any number of clients."""


def find_oldest_request_time() -> datetime | None:
    """Return when the oldest pending request was made; None if there is none."""
    return PasswordLinkRequest.objects.order_by("pk").values_list("asked_at", flat=True).first()


def process_requests() -> None:
    """Turn pending requests into emails to the users with the address. Safe to run concurrently."""
    while _process_next_request():
        pass


@in_transaction
def _process_next_request() -> bool:
    request = PasswordLinkRequest.objects.select_for_update(skip_locked=True).order_by("pk").first()
    if request is None:
        return False
    user_ids = [user.pk for user in PasswordResetForm().get_users(request.email)]
    users = get_user_model().objects.select_for_update().filter(pk__in=user_ids).order_by("pk")
    an_hour_before = request.asked_at - timedelta(hours=1)
    for user in users:  # locked, so that concurrent requests are counted
        recent = Notice.objects.filter(user=user, kind=PASSWORD_LINK.name, created_at__gt=an_hour_before)
        if recent.count() < MAX_LINKS_PER_HOUR:
            kind, asked_at = PASSWORD_LINK.name, request.asked_at
            Notice.objects.create(user=user, kind=kind, due_at=asked_at, created_at=asked_at)
    request.delete()
    return True
