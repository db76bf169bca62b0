from django.db import models
from django.utils.translation import gettext_lazy as _


class SealCheck(models.Model):
    """Result of the last check of the contract seal: one row, overwritten by each check."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    checked_at = models.DateTimeField(_("checked at"))
    broken = models.JSONField(
        _("broken"), help_text=_("Why nothing can be sealed, in sentences. Empty if the seal works.")
    )
    warnings = models.JSONField(
        _("warnings"), help_text=_("What will fail soon, or falls short of the settings, in sentences.")
    )
    expires_at = models.DateTimeField(_("certificate ends"), null=True, blank=True)

    class Meta:
        verbose_name = _("check of the seal")
        verbose_name_plural = _("checks of the seal")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_seal_check")]

    def __str__(self) -> str:
        return f"{self.checked_at:%Y-%m-%d %H:%M:%S}: {'broken' if self.broken else 'works'}"
