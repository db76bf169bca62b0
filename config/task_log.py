"""One line in the log for every task of Celery, with the id of the request that enqueued it."""

import logging.config
from contextvars import ContextVar
from time import perf_counter
from typing import Any

import structlog
from celery import Task, signals
from django.conf import settings
from structlog.contextvars import bind_contextvars, clear_contextvars, get_contextvars

CARRIED = "request_id"

started: ContextVar[float] = ContextVar("started")
log = structlog.get_logger("config.tasks")


@signals.setup_logging.connect
def use_our_logging(**_: Any) -> None:
    """Celery sets up none where somebody listens here."""
    logging.config.dictConfig(settings.LOGGING)


@signals.before_task_publish.connect
def carry_the_request(headers: dict[str, Any], **_: Any) -> None:
    if request_id := get_contextvars().get(CARRIED):
        headers[CARRIED] = request_id


@signals.task_prerun.connect
def begin(task_id: str, task: Task, **_: Any) -> None:
    clear_contextvars()
    carried = {CARRIED: found} if (found := getattr(task.request, CARRIED, None)) else {}
    bind_contextvars(task=task.name, task_id=task_id, **carried)
    started.set(perf_counter())


@signals.task_postrun.connect
def end(task: Task, retval: Any, state: str, **_: Any) -> None:
    facts = {"state": state, "ms": round((perf_counter() - started.get()) * 1000, 1)}
    if isinstance(retval, Exception):
        log.error("task", **facts, exc_info=retval)
    else:
        log.info("task", **facts, **({"done": retval} if _is_count(retval) else {}))
    clear_contextvars()


def _is_count(done: Any) -> bool:
    """What tasks return is how many of what they did; anything else is nobody's business."""
    return isinstance(done, int) or (isinstance(done, dict) and all(isinstance(count, int) for count in done.values()))
