"""Celery task that sends emails. Safe to run repeatedly and concurrently."""

from celery import shared_task

from emails.sending import find_next_email_due_time, send_due_emails
from jobs.queueing import run_turn


@shared_task
def send_notices() -> int:
    return run_turn(send_notices, send_due_emails, find_next_email_due_time)
