"""Emails in the background. Safe to run twice, and at once with itself."""

from celery import current_app, shared_task

from billing.mailing import send_due

BRIEF = {"max_retries": 0, "socket_connect_timeout": 1, "socket_timeout": 1}
"""Seconds for a Redis that does not answer. By default kombu tries for six, and for ever where Redis is silent."""


@shared_task
def send_notices() -> int:
    return send_due()


def enqueue() -> None:
    """Tell a worker that something is due. Raises kombu's OperationalError when the broker is down, within two seconds.

    On a connection of its own, which is given up on sooner than those of the workers.
    """
    with current_app.connection_for_write(transport_options=BRIEF) as broker:
        send_notices.apply_async(connection=broker, retry=False)  # type: ignore[call-arg]  # the stubs lack it
