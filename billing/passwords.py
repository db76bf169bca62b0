"""New passwords: by a link that is mailed, or by whoever is signed in and knows the old one (docs/decisions/0018)."""

from datetime import timedelta

from axes.utils import reset as lift_lock
from django.contrib.auth import get_user_model
from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from billing.models import Notice
from billing.tasks import enqueue
from billing.transactions import in_transaction

LINKS_AN_HOUR = 3
"""More are not mailed to one person, whoever asks and from wherever."""


@in_transaction
def ask_for_link(*, email: str) -> None:
    """Write an email with a link to each person who has this address and may sign in with a password.

    Whether there is anybody, and whether they had enough links, nobody learns: a worker is told in any case, which
    takes longer than the rows do.
    """
    now = timezone.now()
    known = [user.pk for user in PasswordResetForm().get_users(email)]
    users = get_user_model().objects.select_for_update().filter(pk__in=known).order_by("pk")
    for user in users:  # locked, so that those who ask at once are counted too
        lately = Notice.objects.filter(
            user=user, kind=Notice.Kind.PASSWORD_LINK, created_at__gt=now - timedelta(hours=1)
        )
        if lately.count() < LINKS_AN_HOUR:
            Notice.objects.create(user=user, kind=Notice.Kind.PASSWORD_LINK, due_at=now, created_at=now)
    transaction.on_commit(enqueue, robust=True)


@in_transaction
def set_password(*, user: User, password: str) -> None:
    """Set it, end the person's sessions, let them sign in again at once, and tell them by email.

    `password` has passed the validators. Sessions end because each holds a mark of the password it began with; the
    caller goes on with its own, if it has one, by `update_session_auth_hash`.
    """
    now = timezone.now()
    user.set_password(password)
    user.save(update_fields=["password"])
    lift_lock(username=user.get_username())
    if user.email:
        Notice.objects.create(user=user, kind=Notice.Kind.PASSWORD_CHANGED, due_at=now, created_at=now)
        transaction.on_commit(enqueue, robust=True)
