"""Celery tasks for exports. Safe to run repeatedly and concurrently."""

from celery import shared_task

from exports.worker import delete_old_exports, find_next_export_due_time, write_waiting_exports
from jobs.queueing import run_turn
from jobs.trusted_time import find_time_for_due_work


@shared_task
def write_exports() -> int:
    return run_turn(write_exports, write_waiting_exports, find_next_export_due_time)


@shared_task
def delete_exports() -> int:
    now = find_time_for_due_work("delete_exports")
    return delete_old_exports(now=now.at) if now else 0
