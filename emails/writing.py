"""Enqueue the task that sends emails."""

from django.db import transaction

from emails.tasks import send_notices
from jobs.queueing import enqueue


def send_emails_after_commit() -> None:
    """Enqueue the sending task once the transaction commits.

    If the broker is down, this only logs the error: the scheduler sends the emails within a minute.
    """
    transaction.on_commit(enqueue_emails, robust=True)


def enqueue_emails() -> None:
    enqueue(send_notices)
