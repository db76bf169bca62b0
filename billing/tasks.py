"""Emails in the background. Safe to run twice, and at once with itself."""

from time import monotonic

from celery import current_app, shared_task
from django.utils import timezone

from billing.mailing import BATCH, send_due

BRIEF = {"max_retries": 0, "socket_connect_timeout": 1, "socket_timeout": 1}
"""Seconds for a Redis that does not answer. By default kombu tries for six, and for ever where Redis is silent."""
TURN = 45
"""Seconds until a task leaves the rest to the clock's next, so that a slow mail server does not hold up other tasks."""


@shared_task
def send_notices() -> int:
    """Send what is due, batch after batch; returns how many notices were tried."""
    started, tried = monotonic(), 0
    while monotonic() - started < TURN:
        count = send_due(now=timezone.now())
        tried += count
        if count < BATCH:
            break
    return tried


def enqueue() -> None:
    """Tell a worker that something is due. Raises kombu's OperationalError when the broker is down, within two seconds.

    On a connection of its own, which is given up on sooner than those of the workers.
    """
    with current_app.connection_for_write(transport_options=BRIEF) as broker:
        send_notices.apply_async(connection=broker, retry=False)  # type: ignore[call-arg]  # the stubs lack it
