"""Emails and webhooks in the background. Safe to run twice, and at once with themselves."""

from celery import Task, current_app, shared_task
from django.utils import timezone

from billing.mailing import send_due

BRIEF = {"max_retries": 0, "socket_connect_timeout": 1, "socket_timeout": 1}
"""Seconds for a Redis that does not answer. By default kombu tries for six, and for ever where Redis is silent."""


@shared_task
def send_notices() -> int:
    return send_due()


@shared_task
def send_webhooks() -> int:
    """Send what is due, for a while: where more is left then, another task goes on, after those that wait already."""
    from billing.webhooks.sending import send_due_webhooks  # noqa: PLC0415 - which writes emails, and those enqueue

    sent = send_due_webhooks()
    if sent.more:
        enqueue_webhooks()
    return sent.tried


@shared_task
def forget_webhooks() -> int:
    from billing.webhooks.forgetting import forget_old  # noqa: PLC0415 - as above

    return forget_old(now=timezone.now())


def enqueue() -> None:
    """Tell a worker that emails are due. Raises kombu's OperationalError when the broker is down, within two seconds.

    On a connection of its own, which is given up on sooner than those of the workers.
    """
    _enqueue(send_notices)


def enqueue_webhooks() -> None:
    """As `enqueue`, for webhooks."""
    _enqueue(send_webhooks)


def _enqueue(task: Task) -> None:
    with current_app.connection_for_write(transport_options=BRIEF) as broker:
        task.apply_async(connection=broker, retry=False)  # type: ignore[call-arg]  # the stubs lack it
