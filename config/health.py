"""Whether the process lives, and whether it can do its work."""

import logging
from collections.abc import Callable

from celery import current_app
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from contracts import seal_check, sealing
from contracts.clock import clock_health

log = logging.getLogger(__name__)


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when every part works, else 503 with `failed` for those that do not; the causes are in the log."""
    state = {name: _try(name, check) for name, check in CHECKS.items()}
    ready = all(answer == "ok" for answer in state.values())
    return JsonResponse({"ready": ready, **state}, status=200 if ready else 503)


def _try(name: str, check: Callable[[], object]) -> str:
    try:
        with translation.override("en"):  # of the log
            check()
    except Exception as error:  # whatever fails, the answer is that this part does not work
        log.exception("not ready: %s: %s", name, error)
        return "failed"
    return "ok"


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _storage() -> None:
    default_storage.save("readyz.txt", ContentFile(b"ready"))


def _broker() -> None:
    with current_app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, timeout=2)


def _clock() -> None:
    health = clock_health(now=timezone.now())
    if health.late:
        due = f"something is due since {health.oldest_due}" if health.oldest_due else "nothing is due"
        raise RuntimeError(f"the clock last ran at {health.last_run}; {due}")


def _seal() -> None:
    """This host's key now, and what the last check of the whole found."""
    sealing.check_seal()
    seal_check.require_sound()


CHECKS: dict[str, Callable[[], object]] = {
    "database": _database,
    "storage": _storage,
    "seal": _seal,
    "broker": _broker,
    "clock": _clock,
}
