from django.db import models
from django.utils.translation import gettext_lazy as _


class ClockRun(models.Model):
    """When each of the clock's jobs last went through to its end: one row a job, written over each time."""

    class Job(models.TextChoices):
        SETTLE = "settle", _("Cancelling, ending and reminding")

    job = models.CharField(max_length=16, choices=Job, primary_key=True)
    succeeded_at = models.DateTimeField()

    class Meta:
        verbose_name = _("run of the clock")
        verbose_name_plural = _("runs of the clock")

    def __str__(self) -> str:
        return f"{self.job}: {self.succeeded_at:%Y-%m-%d %H:%M:%S}"
