from django.db import models


class PasswordLinkRequest(models.Model):
    """A pending request for a password reset link, until a worker looks up the address (docs/decisions/0018).

    The page creates one for unknown addresses as well, so that the response time reveals nothing.
    """

    email = models.EmailField()
    asked_at = models.DateTimeField()

    class Meta:
        verbose_name = "request for a password link"
        verbose_name_plural = "requests for password links"

    def __str__(self) -> str:
        return f"password link request {self.pk}"
