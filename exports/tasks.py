"""Celery tasks for exports. Safe to run repeatedly and concurrently."""

from datetime import timedelta

from celery import shared_task

from exports.worker import delete_old_exports, find_next_export_due_time, write_waiting_exports
from jobs.clock_jobs import clock_job
from jobs.queueing import run_turn
from jobs.trusted_time import find_time_for_due_work


@shared_task
@clock_job()
def write_exports() -> int | None:
    return run_turn(write_exports, write_waiting_exports, find_next_export_due_time)


@shared_task
@clock_job(every=timedelta(hours=1))
def delete_exports() -> int | None:
    now = find_time_for_due_work("delete_exports")
    return delete_old_exports(now=now.at) if now else None
