"""Whether the process lives, and whether it can do its work."""

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

from contracts import sealing
from contracts.health import seal_check
from contracts.health.clock_health import clock_health
from jobs.queueing import BROKER_OPTIONS

log = logging.getLogger(__name__)


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return HttpResponse("ok", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when every part works, else 503. The causes are in the log.

    Which part is `failed` is shown on the inside alone: a reverse proxy adds X-Forwarded-For to calls from outside.
    """
    parts = READINESS.parts()
    ready = parts is not None and all(state == "ok" for state in parts.values())
    inside = "X-Forwarded-For" not in request.headers
    return JsonResponse({"ready": ready, **(parts or {} if inside else {})}, status=200 if ready else 503)


class Readiness:
    """Cached state of every part. One thread at a time refreshes it, however many requests come."""

    FRESH_SECONDS = 5.0
    STALE_SECONDS = 30.0
    """A look that takes longer hangs."""
    FIRST_SECONDS = 1.0
    """How long a thread waits for the very first look of another."""

    def __init__(self) -> None:
        self._looking = threading.Lock()
        self.forget()

    def forget(self) -> None:
        self._parts: dict[str, str] | None = None
        self._at = float("-inf")

    def parts(self) -> dict[str, str] | None:
        """Part → `ok` or `failed`. None while the first look takes its time, or a later one hangs."""
        if self._age() < self.FRESH_SECONDS:
            return self._parts
        if self._looking.acquire(timeout=0 if self._parts else self.FIRST_SECONDS):
            try:
                if self._age() >= self.FRESH_SECONDS:  # nobody was faster
                    self._parts = {name: _try(name, check) for name, check in CHECKS.items()}
                    self._at = time.monotonic()
            finally:
                self._looking.release()
        return self._parts if self._age() < self.STALE_SECONDS else None

    def _age(self) -> float:
        return time.monotonic() - self._at


READINESS = Readiness()


def _try(name: str, check: Callable[[], object]) -> str:
    try:
        with translation.override("en"):  # of the log
            check()
    except Exception as error:  # whatever fails, the answer is that this part does not work
        log.exception("not ready: %s: %s", name, error)
        return "failed"
    return "ok"


def _database() -> None:
    """It answers, and has had every migration of this code."""
    applied = MigrationRecorder(connection).applied_migrations()
    if missing := [f"{app}.{name}" for app, name in _last_migrations() if (app, name) not in applied]:
        raise RuntimeError(f"the database lacks migrations up to {', '.join(missing)}: run manage.py migrate")


@cache
def _last_migrations() -> list[tuple[str, str]]:
    """The newest migrations of each app, read from files; runs no query."""
    return sorted(MigrationLoader(None).graph.leaf_nodes())


def _storage() -> None:
    default_storage.save("readyz.txt", ContentFile(b"ready"))


def _broker() -> None:
    """It takes messages: a Redis that is full, or a replica, answers and refuses to write."""
    with current_app.connection_for_write(transport_options=BROKER_OPTIONS) as broker:
        broker.ensure_connection(max_retries=1, timeout=2)
        if broker.transport.driver_type == "redis":
            broker.default_channel.client.set("readyz", "1", ex=60)  # type: ignore[attr-defined]  # of its channels


def _clock() -> None:
    health = clock_health(now=timezone.now())
    if health.wrong:
        raise RuntimeError(f"the time may be wrong: {health.wrong}")
    if health.late:
        due = f"something is due since {health.oldest_due}" if health.oldest_due else "nothing is due"
        raise RuntimeError(f"the clock last ran at {health.last_run}; {due}")


def _seal() -> None:
    """This host's key now, and what the last check of the whole found."""
    sealing.check_seal()
    sealing.require_timestamp_server()
    seal_check.require_sound()


CHECKS: dict[str, Callable[[], object]] = {
    "database": _database,
    "storage": _storage,
    "seal": _seal,
    "broker": _broker,
    "clock": _clock,
}
