"""Celery tasks for webhooks. Safe to run repeatedly and concurrently."""

from datetime import timedelta

from celery import shared_task

from jobs.clock_jobs import clock_job
from jobs.queueing import run_turn
from jobs.trusted_time import find_time_for_due_work
from webhooks.feed import number_events
from webhooks.queue import find_next_delivery_due_time
from webhooks.retention import delete_old_deliveries, delete_old_events
from webhooks.sending import send_due_webhooks


@shared_task
@clock_job()
def send_webhooks() -> int | None:
    return run_turn(send_webhooks, send_due_webhooks, find_next_delivery_due_time)


@shared_task
@clock_job(every=timedelta(hours=1))
def delete_old_webhooks() -> int | None:
    now = find_time_for_due_work("delete_old_webhooks")
    return delete_old_deliveries(now=now.at) + delete_old_events(now=now.at) if now else None


@shared_task
@clock_job()
def number_new_events() -> bool | None:
    """Number events that nobody has read yet, so that a reader who comes late need not wait for it."""
    return number_events()
