from django.db import models
from django.utils.translation import gettext_lazy as _

from contracts.models.contract import Contract
from contracts.sealing.levels import SealLevel


class SealUse(models.Model):
    """One signature by the seal's key: when, for what, and who asked for it. Never edited, no personal data.

    contracts/seal_uses.py writes it when sealing ends or fails, outside the transaction that stores the document. So a
    conversion that fails afterwards leaves its use. The database refuses changes (trail/guards.py).
    """

    class Purpose(models.TextChoices):
        CONTRACT = "contract", _("Official contract")
        VOID_CERTIFICATE = "void_certificate", _("Void certificate")
        DAILY_LIST = "daily_list", _("Daily list")
        BUNDLE = "bundle", _("Evidence bundle")
        CHECK = "check", _("Seal check")
        CONNECTION = "connection", _("Sample for the seal's device")

    at = models.DateTimeField(_("time"))
    purpose = models.CharField(_("purpose"), max_length=16, choices=Purpose)
    contract = models.ForeignKey(
        Contract, models.PROTECT, null=True, related_name="seal_uses", verbose_name=_("contract")
    )
    actor_id = models.BigIntegerField(_("user ID"), null=True, help_text=_("User id; empty for the clock."))
    source = models.CharField(_("source"), max_length=16)
    level = models.CharField(
        _("seal level"), max_length=4, choices=SealLevel, blank=True, help_text=_("Of a sealed PDF file.")
    )
    fingerprint = models.CharField(_("key"), max_length=64, help_text=_("SHA-256 of the public key."))
    content_sha256 = models.CharField(
        _("SHA-256 of the content"), max_length=64, blank=True, help_text=_("Of the draft, list or checksums.")
    )
    output_sha256 = models.CharField(
        _("SHA-256 of the result"),
        max_length=64,
        blank=True,
        help_text=_("Of the sealed file or the detached signature; empty if sealing failed after the key had signed."),
    )

    class Meta:
        verbose_name = _("use of the seal")
        verbose_name_plural = _("uses of the seal")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="seal_use_newest_first"),
            models.Index(fields=["output_sha256"], name="seal_use_by_output"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"
