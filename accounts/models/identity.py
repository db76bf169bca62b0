from django.conf import settings
from django.db import models


class Identity(models.Model):
    """A user's identity at an OpenID Connect provider, by the subject, which no other person gets."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "identity"
        verbose_name_plural = "identities"
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="one_user_a_subject"),
            models.UniqueConstraint(fields=["user", "issuer"], name="one_subject_a_user"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} at {self.issuer}"
