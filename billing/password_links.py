"""The links by which people set a new password: made when an email is sent, and kept nowhere."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from billing.models import Notice


def path_of_link(user: User) -> str:
    """Where the person sets a new password.

    It works once, for PASSWORD_RESET_TIMEOUT seconds, and ends with the next sign-in.
    """
    token = default_token_generator.make_token(user)
    return reverse("password-reset-confirm", args=[urlsafe_base64_encode(force_bytes(user.pk)), token])


def link_is_late(notice: Notice) -> bool:
    """Whether so long has passed since it was asked for that it would have ended by now."""
    return timezone.now() - notice.created_at >= timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
