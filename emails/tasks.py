"""Celery tasks for emails. Safe to run repeatedly and concurrently."""

from datetime import timedelta

from celery import shared_task

from emails.sending import find_next_email_due_time, require_mail_server, send_due_emails
from jobs.clock_jobs import clock_job
from jobs.holding import is_sending_held
from jobs.queueing import run_turn


@shared_task
@clock_job()
def send_notices() -> int | None:
    return run_turn(send_notices, send_due_emails, find_next_email_due_time)


@shared_task
@clock_job(every=timedelta(minutes=5))
def check_mail_server() -> int:
    """Connect to the mail server and sign in, so that a server that refuses is reported before an email is late."""
    if is_sending_held():
        return 0
    require_mail_server()
    return 1
