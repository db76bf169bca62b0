"""Start the sending of emails that were written."""

from django.db import transaction

from emails.tasks import send_notices
from jobs.queueing import enqueue


def send_after_commit() -> None:
    """Have a worker send what is due once the transaction commits.

    A broker that is down is logged and raises nothing: the scheduler finds the rows within a minute.
    """
    transaction.on_commit(enqueue_emails, robust=True)


def enqueue_emails() -> None:
    enqueue(send_notices)
