"""Liveness (`/healthz`) and readiness (`/readyz`)."""

import logging
import threading
import time
from collections.abc import Callable
from functools import cache

from celery import current_app
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

# Web processes run no tasks, but report which of them fail or are late: each registers its interval.
import contracts.tasks  # noqa: F401
import emails.tasks  # noqa: F401
import exports.tasks  # noqa: F401
import webhooks.tasks  # noqa: F401
from contracts import sealing
from contracts.health import seal_check
from contracts.health.clock_health import clock_health
from jobs.clock_jobs import describe_job_problems
from jobs.queueing import BROKER_OPTIONS

log = logging.getLogger(__name__)


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Return 200 while the process answers; checks nothing else."""
    return HttpResponse("ok", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Return 200 if every part works, else 503. The log has the causes.

    Failed parts are named only to internal callers: a reverse proxy adds X-Forwarded-For to external ones.
    """
    parts = READINESS.parts()
    ready = parts is not None and all(state == "ok" for state in parts.values())
    inside = "X-Forwarded-For" not in request.headers
    return JsonResponse({"ready": ready, **(parts or {} if inside else {})}, status=200 if ready else 503)


class Readiness:
    """Cached state of every part, refreshed by one thread at a time, however many requests come."""

    FRESH_SECONDS = 5.0
    STALE_SECONDS = 30.0
    """A check that takes longer counts as hanging."""
    FIRST_SECONDS = 1.0
    """How long a thread waits for another's very first check."""

    def __init__(self) -> None:
        self._looking = threading.Lock()
        self.forget()

    def forget(self) -> None:
        self._parts: dict[str, str] | None = None
        self._at = float("-inf")

    def parts(self) -> dict[str, str] | None:
        """Return `ok` or `failed` by part; None during the first check, or while a later one hangs."""
        if self._age() < self.FRESH_SECONDS:
            return self._parts
        if self._looking.acquire(timeout=0 if self._parts else self.FIRST_SECONDS):
            try:
                if self._age() >= self.FRESH_SECONDS:  # no other thread was faster
                    self._parts = _check_all()
                    self._at = time.monotonic()
            finally:
                self._looking.release()
        return self._parts if self._age() < self.STALE_SECONDS else None

    def _age(self) -> float:
        return time.monotonic() - self._at


READINESS = Readiness()


def _check_all() -> dict[str, str]:
    """Return the state of every part. Without the database, the parts that need it fail without waiting for it too."""
    parts: dict[str, str] = {}
    for name, check in CHECKS.items():
        hopeless = parts.get("database") == "failed" and name in NEED_THE_DATABASE
        parts[name] = "failed" if hopeless else _try(name, check)
    return parts


def _try(name: str, check: Callable[[], object]) -> str:
    try:
        with translation.override("en"):  # of the log
            check()
    except Exception as error:  # any failure means that the part does not work
        log.exception("not ready: %s: %s", name, error)
        return "failed"
    return "ok"


def require_database() -> None:
    """Raise unless the database answers and has every migration of this code."""
    applied = MigrationRecorder(connection).applied_migrations()
    if missing := [f"{app}.{name}" for app, name in _last_migrations() if (app, name) not in applied]:
        raise RuntimeError(f"the database lacks migrations up to {', '.join(missing)}: run manage.py migrate")


@cache
def _last_migrations() -> list[tuple[str, str]]:
    """Return the newest migrations of each app, read from files without a query."""
    return sorted(MigrationLoader(None).graph.leaf_nodes())


def require_storage() -> None:
    default_storage.save("readyz.txt", ContentFile(b"ready"))


def require_broker() -> None:
    """Raise unless the broker accepts messages. A full Redis, or a replica, answers but refuses writes."""
    with current_app.connection_for_write(transport_options=BROKER_OPTIONS) as broker:
        broker.ensure_connection(max_retries=1, timeout=2)
        if broker.transport.driver_type == "redis":
            broker.default_channel.client.set("readyz", "1", ex=60)  # type: ignore[attr-defined]  # of its channels


def require_clock() -> None:
    health = clock_health(now=timezone.now())
    if health.wrong:
        raise RuntimeError(f"the time may be wrong: {health.wrong}")
    if health.late:
        due = f"something is due since {health.oldest_due}" if health.oldest_due else "nothing is due"
        raise RuntimeError(f"the clock last ran at {health.last_run}; {due}")


def require_jobs() -> None:
    """Raise if a scheduled job fails, or was not run for too long."""
    if problems := list(describe_job_problems(now=timezone.now())):
        raise RuntimeError("; ".join(problems))


def require_seal() -> None:
    """Raise unless this host's key is usable and the last check found the seal sound."""
    sealing.check_seal()
    sealing.require_timestamp_server()
    seal_check.require_sound()


CHECKS: dict[str, Callable[[], object]] = {
    "database": require_database,
    "storage": require_storage,
    "seal": require_seal,
    "broker": require_broker,
    "clock": require_clock,
    "jobs": require_jobs,
}
NEED_THE_DATABASE = {"seal", "clock", "jobs"}
