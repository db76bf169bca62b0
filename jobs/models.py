from django.db import models
from django.utils.translation import gettext_lazy as _


class ClockRun(models.Model):
    """The last successful run of a scheduled job: one row per job, overwritten by each run."""

    class Job(models.TextChoices):
        SETTLE = "settle", _("Cancel, expire and remind")

    job = models.CharField(max_length=16, choices=Job, primary_key=True)
    succeeded_at = models.DateTimeField(null=True, help_text=_("Time of the database server."))
    boot_id = models.CharField(
        max_length=64,
        default="",
        help_text=_("Boot id of the machine that ran the job; empty if unknown."),
    )
    uptime = models.FloatField(null=True, help_text=_("Seconds since that boot, unaffected by clock changes."))
    refused_at = models.DateTimeField(
        null=True, help_text=_("When a worker last refused to run (time of the database server).")
    )
    refused_because = models.CharField(max_length=500, default="")

    class Meta:
        verbose_name = _("scheduler run")
        verbose_name_plural = _("scheduler runs")

    def __str__(self) -> str:
        return self.job if self.succeeded_at is None else f"{self.job}: {self.succeeded_at:%Y-%m-%d %H:%M:%S}"


class SendingHold(models.Model):
    """A marker that stops all emails and webhooks, so that a restored copy does not write to real people.

    `manage.py restore` creates the single row and `manage.py resume_sending` deletes it. It is a row and not a setting,
    so that it is part of the copy wherever that is started.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("hold on sending")
        verbose_name_plural = _("holds on sending")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_sending_hold")]

    def __str__(self) -> str:
        return f"{self.since:%Y-%m-%d %H:%M:%S}"
