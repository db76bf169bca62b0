from django.db import models
from django.utils.translation import gettext_lazy as _


class TrailSeal(models.Model):
    """The heads of the trails that grew, listed in a file that is signed with the contract seal: one a day (R27).

    The storage holds both files under their hashes. docs/audit-trail.md has the format.
    """

    day = models.DateField(_("day"), unique=True, help_text=_("In UTC."))
    sealed_at = models.DateTimeField(_("sealed at"))
    sha256 = models.CharField("SHA-256", max_length=64, help_text=_("Of the list."))
    signature_sha256 = models.CharField(_("SHA-256 of the signature"), max_length=64)
    contracts = models.PositiveIntegerField(_("contracts"))
    last_event = models.BigIntegerField(help_text=_("The highest id of an event by then."))

    class Meta:
        verbose_name = _("seal of the trail")
        verbose_name_plural = _("seals of the trail")
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day}"
