from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import models
from django.utils import timezone


class UserSession(models.Model):
    """Who is signed in where: a row beside each signed-in session, which is deleted with it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    session = models.OneToOneField(Session, models.CASCADE, related_name="signed_in")
    address = models.GenericIPAddressField(null=True)
    """Client address of the last request, accurate to a minute."""
    user_agent = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "session of a user"
        verbose_name_plural = "sessions of users"

    def __str__(self) -> str:
        return f"session {self.pk} of user {self.user_id}"
