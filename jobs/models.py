from datetime import datetime

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


class JobState(models.Model):
    """Whether a scheduled job works: one row per job, overwritten by its runs (jobs/clock_jobs.py)."""

    job = models.CharField(max_length=100, primary_key=True, help_text=_("Name of the task."))
    succeeded_at = models.DateTimeField(null=True, help_text=_("When it last succeeded."))
    failing_since = models.DateTimeField(
        null=True, help_text=_("When it failed for the first time since it last succeeded.")
    )
    failed_at = models.DateTimeField(null=True, help_text=_("When it last failed."))
    failures = models.PositiveIntegerField(default=0, help_text=_("Failures since it last succeeded."))
    error = models.CharField(max_length=500, blank=True, help_text=_("Why it last failed."))

    class Meta:
        verbose_name = _("state of a job")
        verbose_name_plural = _("states of jobs")

    def __str__(self) -> str:
        return self.job


class RecoveryRun(models.Model):
    """The last backup and the last restore drill that succeeded: one row each, overwritten."""

    class Kind(models.TextChoices):
        BACKUP = "backup", _("Backup")
        DRILL = "drill", _("Restore drill")

    kind = models.CharField(max_length=16, choices=Kind, primary_key=True)
    succeeded_at = models.DateTimeField(help_text=_("Start of the run."))
    seconds = models.FloatField(help_text=_("Duration of the run."))
    size = models.PositiveBigIntegerField(help_text=_("Bytes of the database's dump."))
    damaged = models.PositiveIntegerField(default=0, help_text=_("Files that are missing or damaged in the storage."))

    class Meta:
        verbose_name = _("backup or restore drill")
        verbose_name_plural = _("backups and restore drills")

    def __str__(self) -> str:
        return f"{self.kind}: {self.succeeded_at:%Y-%m-%d %H:%M:%S}"

    @classmethod
    def record(cls, kind: "RecoveryRun.Kind", *, at: datetime, seconds: float, size: int, damaged: int = 0) -> None:
        facts = {"succeeded_at": at, "seconds": seconds, "size": size, "damaged": damaged}
        cls.objects.update_or_create(kind=kind, defaults=facts)


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
