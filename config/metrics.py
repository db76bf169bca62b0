"""`/metrics` for Prometheus: counters of the processes, and the current state."""

import logging
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.core.cache import cache
from django.db import models
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from common.errors import DATABASE_UNAVAILABLE_ERRORS
from common.metrics import REGISTRY
from config import metric_files
from contracts.health.clock_health import clock_health
from contracts.models import Contract
from contracts.models.querysets import MAX_UNSETTLED
from emails.models import Notice
from webhooks.models import WebhookDelivery

COUNTED_EVERY = 60
"""Seconds for which a process caches the number of contracts. Counting a million takes 0.4 s."""
MAX_COUNTED_ROWS = 100_000
"""Maximum waiting emails or webhooks to count. More is as bad."""

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
    """Collects the state from rows, so that it includes the work of all workers on all hosts."""

    def collect(self) -> Iterator[Metric]:
        try:
            found = list(_contracts() + _clock() + _emails() + _webhooks())
        except DATABASE_UNAVAILABLE_ERRORS as error:
            log.error("database not available: %s", error)
            found = []
        yield GaugeMetricFamily("ecc_database_up", "Whether the database answers.", value=bool(found))
        yield from found


def _gauge(name: str, says: str, value: float | None) -> list[Metric]:
    """Return a gauge; None without a value."""
    return [] if value is None else [GaugeMetricFamily(name, says, value=value)]


def _contracts() -> list[Metric]:
    family = GaugeMetricFamily("ecc_contracts", "Contracts by the status that people are shown now.", labels=["status"])
    for status, number in _kept_count().items():
        family.add_metric([status], number)
    return [family]


def _kept_count() -> dict[str, int]:
    return cache.get_or_set("metrics-contracts", contracts_by_status, COUNTED_EVERY) or {}


def contracts_by_status() -> dict[str, int]:
    """Return the number of contracts by current status (R21).

    Rows are counted in an index. Contracts that have lapsed but were not settled yet are then moved.
    """
    now = timezone.now()
    contracts = Contract.objects.order_by()
    counted = Counter(dict.fromkeys(Contract.Status.values, 0))
    counted.update(dict(contracts.values_list("status").annotate(models.Count("pk"))))
    unsettled = contracts.filter(pk__in=contracts.due(now, limit=MAX_UNSETTLED)).only("status")
    for contract in unsettled.with_status_at(now):
        counted[contract.status] -= 1
        counted[contract.status_at] += 1
    return dict(counted)


def _clock() -> list[Metric]:
    health = clock_health(now=timezone.now())
    last = health.last_run.timestamp() if health.last_run else None
    return [
        *_gauge("ecc_clock_last_run_timestamp_seconds", "When the clock last went through to its end.", last),
        *_gauge("ecc_clock_lag_seconds", "For how long the longest due has been due.", health.lag.total_seconds()),
    ]


def _emails() -> list[Metric]:
    waiting = Notice.objects.filter(state=Notice.State.PENDING)
    failed = Notice.objects.filter(state=Notice.State.FAILED)
    return [
        *_gauge("ecc_emails_waiting", "Emails to be sent.", _number(waiting)),
        *_gauge("ecc_emails_given_up", "Emails that were given up.", _number(failed)),
        *_gauge("ecc_emails_oldest_due_seconds", "For how long the email longest due is.", _overdue(waiting)),
    ]


def _webhooks() -> list[Metric]:
    """Failing endpoints are paused: their deliveries are backlog, not overdue."""
    waiting = WebhookDelivery.objects.filter(state=WebhookDelivery.State.PENDING)
    open_now = Q(endpoint__resume_at=None) | Q(endpoint__resume_at__lte=timezone.now())
    overdue = _overdue(waiting.filter(open_now, endpoint__disabled_because=""))
    return [
        *_gauge("ecc_webhooks_waiting", "Webhook deliveries to be sent.", _number(waiting)),
        *_gauge("ecc_webhooks_oldest_due_seconds", "For how long the delivery longest due is.", overdue),
    ]


def _number(rows: models.QuerySet) -> int:
    return rows.order_by()[:MAX_COUNTED_ROWS].count()


def _overdue(rows: models.QuerySet) -> float:
    now = timezone.now()
    since: datetime | None = rows.filter(due_at__lte=now).order_by("due_at").values_list("due_at", flat=True).first()
    return (now - since).total_seconds() if since else 0.0
