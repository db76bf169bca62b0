"""Scheduled backups, switched on by BACKUP_EVERY_HOURS."""

import logging
from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from contracts.operations.backup.errors import BackupError
from contracts.operations.backup.making import back_up
from contracts.operations.backup.places import find_place
from jobs.clock_jobs import JobFailed, clock_job

JOB_LOCK_KEY = 0x0BAC1

log = logging.getLogger(__name__)


@shared_task
@clock_job(every=timedelta(hours=settings.BACKUP_EVERY_HOURS), lock_key=JOB_LOCK_KEY)
def back_up_system() -> int:
    """Back up to BACKUP_URL and delete older backups. Return the number of files in the backup.

    A backup that lacks files is one: it is not repeated every few minutes, but reported by log and metric.
    """
    try:
        backup, copying = back_up(find_place(None), now=timezone.now(), keep=settings.BACKUP_KEEP or None)
    except BackupError as error:
        raise JobFailed(str(error)) from error
    if copying.damaged:
        log.error("the backup %s lacks %d files, missing or damaged in the storage", backup.path, len(copying.damaged))
    return copying.files
