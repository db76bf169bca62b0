"""How many messages wait in each queue of the broker."""

from celery import current_app

from common.counting_caches import REDIS
from jobs.queueing import BROKER_OPTIONS


def count_messages() -> dict[str, int]:
    """Return the number of waiting messages by queue, without those that workers have taken.

    Raises kombu's OperationalError, an OSError or an error of Redis within seconds while the broker is down.
    """
    with REDIS.call(), current_app.connection_for_read(transport_options=BROKER_OPTIONS) as broker:
        broker.ensure_connection(max_retries=1, timeout=2)
        channel = broker.default_channel
        return {name: channel._size(name) for name in current_app.amqp.queues}  # type: ignore[attr-defined]
