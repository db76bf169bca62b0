from django.db import models
from django.utils.translation import gettext_lazy as _


class ClockRun(models.Model):
    """When each of the clock's jobs last went through to its end: one row a job, written over each time."""

    class Job(models.TextChoices):
        SETTLE = "settle", _("Cancelling, ending and reminding")

    job = models.CharField(max_length=16, choices=Job, primary_key=True)
    succeeded_at = models.DateTimeField(null=True, help_text=_("By the database's clock."))
    boot_id = models.CharField(
        max_length=64,
        default="",
        help_text=_("The start of the machine that ran it; empty if unknown."),
    )
    uptime = models.FloatField(null=True, help_text=_("Seconds since that start, which no setting of a clock changes."))
    refused_at = models.DateTimeField(null=True, help_text=_("When a worker last refused to run, by the database."))
    refused_because = models.CharField(max_length=500, default="")

    class Meta:
        verbose_name = _("run of the clock")
        verbose_name_plural = _("runs of the clock")

    def __str__(self) -> str:
        return self.job if self.succeeded_at is None else f"{self.job}: {self.succeeded_at:%Y-%m-%d %H:%M:%S}"


class SendingHold(models.Model):
    """While its one row is there, no email and no webhook leaves: a restored copy must not write to real people.

    `manage.py restore` puts it in, `manage.py resume_sending` takes it out. It is a row and no setting, so that it
    comes with the copy wherever that is started.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("hold on sending")
        verbose_name_plural = _("holds on sending")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_sending_hold")]

    def __str__(self) -> str:
        return f"{self.since:%Y-%m-%d %H:%M:%S}"
