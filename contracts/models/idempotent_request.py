from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.models import Account


class IdempotentRequest(models.Model):
    """A POST that was answered: the same key and body get the same answer again, and change nothing."""

    account = models.ForeignKey(
        Account, models.CASCADE, null=True, related_name="+", help_text=_("None: an integrator.")
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text=_("SHA-256 of method, path and body."))
    status_code = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="idempotent_request_age")]
        constraints = [
            models.UniqueConstraint(fields=["account", "user", "key"], name="idempotency_key_used_once"),
            models.UniqueConstraint(
                fields=["user", "key"], condition=Q(account=None), name="idempotency_key_used_once_by_integrator"
            ),
        ]

    def __str__(self) -> str:
        return self.key
