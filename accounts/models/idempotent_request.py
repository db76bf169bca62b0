from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.token import ApiToken

IDEMPOTENCY_KEY_TTL = timedelta(days=7)
"""Longer than any client keeps retrying."""


class IdempotentRequest(models.Model):
    """A completed POST request. A repeated key with the same body gets the stored response and changes nothing."""

    token = models.ForeignKey(ApiToken, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text=_("SHA-256 of method, path and body."))
    status_code = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True, help_text=_("Without secrets."))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="idempotent_request_age")]
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="idempotency_key_used_once_by_token")]

    def __str__(self) -> str:
        return self.key
