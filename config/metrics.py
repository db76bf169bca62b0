"""`/metrics` for Prometheus: counters of the processes, and the current state."""

import logging
from collections.abc import Iterator

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from common.errors import DATABASE_UNAVAILABLE_ERRORS
from common.metrics import REGISTRY
from config import metric_files, state_metrics
from config.health import CHECKS, READINESS

log = logging.getLogger(__name__)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Return the metrics. Requires METRICS_TOKEN; without that setting they are served only in DEBUG."""
    if not settings.METRICS_TOKEN and not settings.DEBUG:
        raise Http404
    if settings.METRICS_TOKEN and not _knows_the_token(request):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(counted() + generate_latest(_standing()), content_type=CONTENT_TYPE_LATEST)


def _knows_the_token(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "").encode()
    return constant_time_compare(given, f"Bearer {settings.METRICS_TOKEN}".encode())


def counted() -> bytes:
    """Return the counters of this process, or of all gunicorn processes together."""
    folder = metric_files.folder()
    if folder is None:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    try:
        with metric_files.undisturbed(folder):
            MultiProcessCollector(registry, str(folder))  # type: ignore[no-untyped-call]
            return generate_latest(registry)
    except (OSError, ValueError) as error:
        log.error("there are no figures in /metrics: %s", error)
        return b""


def _standing() -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(Standing())
    return registry


class Standing(Collector):
    """Collects the current state: of the parts, and from rows, so that it includes all workers on all hosts."""

    def collect(self) -> Iterator[Metric]:
        """Yield every metric. Rows are not read while the database fails: each statement would wait for it."""
        parts = READINESS.parts() or dict.fromkeys(CHECKS, "failed")  # it hangs
        from_rows: list[Metric] = []
        if parts["database"] == "ok":
            try:
                from_rows = list(state_metrics.from_rows())
            except DATABASE_UNAVAILABLE_ERRORS as error:
                log.error("database not available: %s", error)
        says = "Whether the database answers and has all migrations."
        yield GaugeMetricFamily("ecc_database_up", says, value=bool(from_rows))
        yield from state_metrics.of_parts(parts)
        yield from from_rows
