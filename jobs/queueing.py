"""Enqueue background tasks after a commit or when work is due, and run one turn of each at a time per host."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from celery import Task, current_app
from django.core.cache import caches
from django.utils import timezone
from kombu.exceptions import OperationalError

from common.counting_caches import AWAY, REDIS
from jobs.schedule import SCHEDULER_INTERVAL_SECONDS
from jobs.trusted_time import find_time_for_due_work
from jobs.turns import TurnResult, exclusive_turn

log = logging.getLogger(__name__)

BROKER_OPTIONS = {"max_retries": 0, "socket_connect_timeout": 1, "socket_timeout": 1}
"""Timeouts in seconds. By default kombu retries for six seconds, and waits forever if Redis does not respond."""
EMPTY_TURN_PAUSE_SECONDS = 5
"""Pause after a turn that sent nothing because another worker has claimed the rows."""


def enqueue(task: Task, *, countdown: float = 0) -> None:
    """Send a task to its queue, to start after `countdown` seconds.

    Raises kombu's OperationalError, or CircuitOpen, within two seconds while the broker is down: this uses a separate
    connection with shorter timeouts than those of the workers.
    """
    with REDIS.call(), current_app.connection_for_write(transport_options=BROKER_OPTIONS) as broker:
        task.apply_async(connection=broker, retry=False, countdown=countdown)  # type: ignore[call-arg]  # the stubs lack it


def run_turn(task: Task, send: Callable[[], TurnResult], next_due: Callable[[datetime], datetime | None]) -> int | None:
    """Run one turn of `send`, unless this host is running one, and enqueue the next turn for when work is due.

    Returns the number of attempts; None if it could not run. The next due time is read after the lock is released: a
    task that arrived while the lock was held did nothing, and its work must not wait for the scheduler.
    """
    with exclusive_turn(task.name) as acquired:
        # Retries end after an elapsed time, and webhook signatures contain the time.
        if not acquired or find_time_for_due_work(task.name) is None:
            return None
        result = send()
    now = timezone.now()
    if result.can_continue and (due := next_due(now + timedelta(seconds=SCHEDULER_INTERVAL_SECONDS))):
        _enqueue_next_turn(task, max((due - now).total_seconds(), 0 if result.attempted else EMPTY_TURN_PAUSE_SECONDS))
    return result.attempted


def _enqueue_next_turn(task: Task, seconds: float) -> None:
    """Enqueue the task with a delay, at most once per second. If the broker is down, the scheduler starts it."""
    at = timezone.now() + timedelta(seconds=seconds)
    try:
        if seconds and not caches["shared"].add(f"wake:{task.name}:{at:%H%M%S}", 1, SCHEDULER_INTERVAL_SECONDS):
            return
        enqueue(task, countdown=seconds)
    except (*AWAY, OperationalError) as error:
        log.warning("%s waits for the scheduler: %s", task.name, error)
