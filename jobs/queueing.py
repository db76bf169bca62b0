"""Start background tasks: when a change commits, when work comes due, and one turn at a time on each host."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from celery import Task, current_app
from django.core.cache import caches
from django.utils import timezone
from kombu.exceptions import OperationalError

from common.counting_caches import AWAY, REDIS
from jobs.trusted_time import sound_time_or_log
from jobs.turns import Sent, exclusive_turn

log = logging.getLogger(__name__)

BRIEF = {"max_retries": 0, "socket_connect_timeout": 1, "socket_timeout": 1}
"""Seconds for a Redis that does not answer. By default kombu tries for six, and for ever where Redis is silent."""
CLOCK_SECONDS = 60
"""How often the clock starts each kind of sending. What is due later than that needs no message of its own."""
PAUSE_SECONDS = 5
"""Before the next turn where the last one could send nothing: another worker holds the rows."""


def enqueue(task: Task, *, countdown: float = 0) -> None:
    """Send a task to its queue, to start after `countdown` seconds.

    Raises kombu's OperationalError, or LeftAlone, within two seconds while the broker is down: the connection is its
    own, with shorter time limits than those of the workers.
    """
    with REDIS.call(), current_app.connection_for_write(transport_options=BRIEF) as broker:
        task.apply_async(connection=broker, retry=False, countdown=countdown)  # type: ignore[call-arg]  # the stubs lack it


def take_turn(task: Task, send: Callable[[], Sent], next_due: Callable[[datetime], datetime | None]) -> int:
    """Send for one turn, unless this host does so already, and start the next turn when something is due again.

    Returns how many were tried. What is next due is looked up after the turn's lock is released: a message that came
    while it was held did nothing, and what it was about must not wait for the clock.
    """
    with exclusive_turn(task.name) as mine:
        # Retries end by elapsed time, and webhooks are signed with the time.
        if not mine or sound_time_or_log(task.name) is None:
            return 0
        sent = send()
    now = timezone.now()
    if sent.go_on and (due := next_due(now + timedelta(seconds=CLOCK_SECONDS))):
        _wake(task, max((due - now).total_seconds(), 0 if sent.tried else PAUSE_SECONDS))
    return sent.tried


def _wake(task: Task, seconds: float) -> None:
    """Start the task after a delay, once for each second at most. Without a broker the clock does within a minute."""
    at = timezone.now() + timedelta(seconds=seconds)
    try:
        if seconds and not caches["shared"].add(f"wake:{task.name}:{at:%H%M%S}", 1, CLOCK_SECONDS):
            return
        enqueue(task, countdown=seconds)
    except (*AWAY, OperationalError) as error:
        log.warning("%s waits for the clock: %s", task.name, error)
