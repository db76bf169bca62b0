from django.db import models
from django.utils.translation import gettext_lazy as _


class EvidenceSignature(models.Model):
    """The seal's signature of the checksums in an evidence bundle, kept so that the same state gives the same bytes.

    Nothing depends on these rows: without one, the next download signs anew.
    """

    checksums_sha256 = models.CharField(_("SHA-256 of the checksums"), max_length=64, primary_key=True)
    signature = models.BinaryField(_("signature"), help_text=_("CMS, detached, in DER."))
    signed_at = models.DateTimeField(_("signed at"))

    class Meta:
        verbose_name = _("signature of an evidence bundle")
        verbose_name_plural = _("signatures of evidence bundles")

    def __str__(self) -> str:
        return self.checksums_sha256
