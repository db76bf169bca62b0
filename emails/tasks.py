"""Emails in the background. Safe to run twice, and at once with itself."""

from celery import shared_task

from emails.sending import next_due_notice, send_due
from jobs.queueing import take_turn


@shared_task
def send_notices() -> int:
    return take_turn(send_notices, send_due, next_due_notice)
