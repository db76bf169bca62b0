from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.text_fields import LineField


class SavedFilter(models.Model):
    """A named filter of a list of the back office, for one staff member."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("user"))
    list = models.CharField(max_length=100, help_text=_("Label of the model, such as accounts.account."))
    name = LineField(_("name"), max_length=60)
    query = models.CharField(max_length=1000, help_text=_("Query string of known parameters of the list."))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("saved filter")
        verbose_name_plural = _("saved filters")
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["user", "list", "name"], name="one_saved_filter_a_name")]

    def __str__(self) -> str:
        return f"{self.list}: {self.name}"
