from django.db import models


class PasswordLinkRequest(models.Model):
    """A request for a link to set a new password, until a worker looks up whose address it is (docs/decisions/0018).

    The page writes one whether or not anybody has the address, so that the time it takes reveals nothing.
    """

    email = models.EmailField()
    asked_at = models.DateTimeField()

    class Meta:
        verbose_name = "request for a password link"
        verbose_name_plural = "requests for password links"

    def __str__(self) -> str:
        return f"password link request {self.pk}"
