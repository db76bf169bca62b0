from django.db import models
from django.utils.translation import gettext_lazy as _


class SealCheck(models.Model):
    """What the last check of the contract seal found: one row, written over each time."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    checked_at = models.DateTimeField(_("checked at"))
    broken = models.JSONField(_("broken"), help_text=_("Sentences: why nothing can be sealed. Empty when it works."))
    warnings = models.JSONField(_("warnings"), help_text=_("Sentences: what will break, or is less than asked for."))
    expires_at = models.DateTimeField(_("certificate ends"), null=True, blank=True)

    class Meta:
        verbose_name = _("check of the seal")
        verbose_name_plural = _("checks of the seal")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_seal_check")]

    def __str__(self) -> str:
        return f"{self.checked_at:%Y-%m-%d %H:%M:%S}: {'broken' if self.broken else 'works'}"
