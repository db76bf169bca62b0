from django.db import models
from django.utils.translation import gettext_lazy as _


class SealKey(models.Model):
    """A key that is or was our seal's: pinned when it first seals, and permanent (R37).

    `fingerprint` is the SHA-256 of the public key (SubjectPublicKeyInfo) in hex; `certificate` (PEM) and `subject` are
    of the certificate that it first sealed with. A renewed certificate of the same key needs no row.
    """

    fingerprint = models.CharField(max_length=64, unique=True)
    certificate = models.TextField()
    subject = models.TextField()
    first_sealed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("key of the seal")
        verbose_name_plural = _("keys of the seal")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.fingerprint
