import uuid
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Account


class Export(models.Model):
    """A table that is too long for one request: a worker writes the file, which is deleted after a week (R43)."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Being prepared")
        READY = "ready", _("Ready")
        FAILED = "failed", pgettext_lazy("batch", "Failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(
        Account,
        models.CASCADE,
        null=True,
        related_name="+",
        verbose_name=_("account"),
        help_text=_("Empty for exports of the back office."),
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("user"))
    exporter = models.CharField(max_length=32, help_text=_("Name of what is exported."))
    parameters = models.JSONField(help_text=_("The filter."))
    format = models.CharField(max_length=8)
    language = models.CharField(max_length=8, help_text=_("Of the column titles."))
    status = models.CharField(max_length=16, choices=Status, default=Status.WAITING)
    requested_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    size = models.PositiveBigIntegerField(null=True, help_text=_("Bytes."))

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        indexes = [models.Index(fields=["requested_at"], condition=Q(status="waiting"), name="export_waiting")]

    def __str__(self) -> str:
        return f"{self.exporter}: {self.pk}"

    @property
    def path(self) -> str:
        """Storage path of the file."""
        return f"exports/{self.pk}.{self.format}"

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the times in the file: the account's, or the office's."""
        return self.account.tzinfo if self.account else timezone.get_default_timezone()

    @property
    def file_name(self) -> str:
        day = self.requested_at.astimezone(self.zone).date()
        about = self.parameters.get("month") or day.isoformat()
        return f"{self.exporter}-{about}.{self.format}"
