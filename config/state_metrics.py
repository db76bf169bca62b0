"""Gauges of the current state for /metrics. Each reads a bounded number of rows through an index, or is cached."""

import logging
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime

from django.conf import settings
from django.core.cache import cache
from django.db import models
from django.db.models import Count, Exists, Max, Q
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError
from prometheus_client.core import GaugeMetricFamily, Metric

from common.counting_caches import AWAY
from common.errors import DATABASE_UNAVAILABLE_ERRORS
from common.replica import get_lag_seconds
from config.disk_space import free_bytes
from contracts.health.clock_health import clock_health
from contracts.models import Batch, Contract, EvidenceStamp, SealCheck, TrailSeal
from contracts.models.querysets import MAX_UNSETTLED
from emails.models import Notice
from exports.models import Export
from jobs.clock_jobs import INTERVALS
from jobs.models import JobState, RecoveryRun, SendingHold
from jobs.queue_lengths import count_messages
from webhooks.models import WebhookDelivery, WebhookEndpoint

CACHED_SECONDS = 60
"""How long a process caches what takes long. Counting a million contracts takes 0.4 s."""
MAX_COUNTED_ROWS = 100_000
"""Maximum waiting rows to count. More is as bad."""

log = logging.getLogger(__name__)


def of_parts(parts: Mapping[str, str]) -> Iterator[Metric]:
    """Yield what is known without the database; `parts` is the result of /readyz."""
    yield _labelled("ecc_ready", "Whether the part of /readyz works.", "part", {k: v == "ok" for k, v in parts.items()})
    yield _labelled("ecc_disk_free_bytes", "Free space by folder.", "place", free_bytes())
    yield from _replica()
    if parts["broker"] != "ok":
        return
    try:
        yield _labelled("ecc_queue_messages", "Messages that no worker has taken yet.", "queue", count_messages())
    except (*AWAY, BrokerError) as error:
        log.error("the messages in the broker are not counted: %s", error)


def _replica() -> Iterator[Metric]:
    """Yield how far the replica is behind; infinity while it does not answer or follow."""
    try:
        lag = get_lag_seconds()
    except (*DATABASE_UNAVAILABLE_ERRORS, OSError) as error:
        log.error("the replica is not read: %s", error)
        lag = math.inf
    if lag is not None:
        yield _gauge("ecc_replica_lag_seconds", "How far the read-only replica is behind.", lag)


def from_rows() -> Iterator[Metric]:
    """Yield what rows say. Raises DATABASE_UNAVAILABLE_ERRORS."""
    now = timezone.now()
    yield _labelled("ecc_contracts", "Contracts by the status that people are shown now.", "status", _contracts())
    yield from _clock(now)
    yield from _jobs(now)
    yield from _waiting_and_failed()
    yield _labelled("ecc_webhook_endpoints", "Webhook endpoints by state.", "state", _endpoints())
    yield from _seal()
    yield from _daily_lists()
    yield from _recovery()


def _gauge(name: str, says: str, value: float) -> Metric:
    return GaugeMetricFamily(name, says, value=value)


def _labelled(name: str, says: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, says, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _contracts() -> dict[str, int]:
    return cache.get_or_set("metrics-contracts", contracts_by_status, CACHED_SECONDS) or {}


def contracts_by_status() -> dict[str, int]:
    """Return the number of contracts by current status (R21), without those of test accounts (R48).

    Rows are counted in indexes. Contracts that have lapsed but were not settled yet are then moved.
    """
    now = timezone.now()
    contracts = Contract.objects.order_by()
    counted = Counter(dict.fromkeys(Contract.Status.values, 0))
    counted.update(dict(contracts.values_list("status").annotate(Count("pk"))))
    counted.subtract(dict(contracts.filter(is_test=True).values_list("status").annotate(Count("pk"))))
    unsettled = contracts.filter(is_test=False, pk__in=contracts.due(now, limit=MAX_UNSETTLED)).only("status")
    for contract in unsettled.with_status_at(now):
        counted[contract.status] -= 1
        counted[contract.status_at] += 1
    return dict(counted)


def _clock(now: datetime) -> Iterator[Metric]:
    health = clock_health(now=now)
    if health.last_run:
        says = "When due work was last done to its end."
        yield _gauge("ecc_clock_last_run_timestamp_seconds", says, health.last_run.timestamp())
    due = {
        **dict.fromkeys(("contract", "order", "email"), None),
        **health.due,
        "webhook": _oldest_webhook(now),
        "batch": Batch.objects.filter(finished_at=None).order_by("pk").values_list("requested_at", flat=True).first(),
        "export": Export.objects.filter(status=Export.Status.WAITING)
        .order_by("requested_at")
        .values_list("requested_at", flat=True)
        .first(),
    }
    ages = {kind: (now - since).total_seconds() if since else 0.0 for kind, since in due.items()}
    yield _labelled("ecc_oldest_due_seconds", "For how long the work longest due has been due.", "kind", ages)


def _oldest_webhook(now: datetime) -> datetime | None:
    """Leave out failing endpoints, whose deliveries wait on purpose, and a restored copy's, which are held."""
    open_now = Q(endpoint__resume_at=None) | Q(endpoint__resume_at__lte=now)
    due = WebhookDelivery.objects.filter(
        open_now,
        ~Exists(SendingHold.objects.all()),
        state=WebhookDelivery.State.PENDING,
        due_at__lte=now,
        endpoint__disabled_because="",
    )
    return due.order_by("due_at").values_list("due_at", flat=True).first()


def _jobs(now: datetime) -> Iterator[Metric]:
    states = list(JobState.objects.filter(job__in=INTERVALS))
    failing = {one.job: (now - one.failing_since).total_seconds() if one.failing_since else 0.0 for one in states}
    yield _labelled("ecc_job_failing_seconds", "For how long the scheduled job fails; 0 if it works.", "job", failing)
    succeeded = {one.job: one.succeeded_at.timestamp() for one in states if one.succeeded_at}
    says = "When the scheduled job last succeeded."
    yield _labelled("ecc_job_last_success_timestamp_seconds", says, "job", succeeded)


def _waiting_and_failed() -> Iterator[Metric]:
    counted: dict[str, tuple[str, models.QuerySet]] = {
        "ecc_emails_waiting": ("Emails to be sent.", Notice.objects.filter(state=Notice.State.PENDING)),
        "ecc_emails_given_up": (
            "Emails whose retries have ended.",
            Notice.objects.filter(state=Notice.State.FAILED),
        ),
        "ecc_webhooks_waiting": (
            "Webhook deliveries to be sent.",
            WebhookDelivery.objects.filter(state=WebhookDelivery.State.PENDING),
        ),
        "ecc_batches_waiting": ("Batches that are not finished.", Batch.objects.filter(finished_at=None)),
        "ecc_exports_waiting": ("Exports to be written.", Export.objects.filter(status=Export.Status.WAITING)),
        "ecc_exports_failed": ("Exports of the last week that failed.", Export.objects.filter(status="failed")),
    }
    for name, (says, rows) in counted.items():
        yield _gauge(name, says, rows.order_by()[:MAX_COUNTED_ROWS].count())


def _endpoints() -> dict[str, int]:
    return cache.get_or_set("metrics-endpoints", endpoints_by_state, CACHED_SECONDS) or {}


def endpoints_by_state() -> dict[str, int]:
    enabled = Q(disabled_because="")
    return WebhookEndpoint.objects.filter(deleted_at=None).aggregate(
        working=Count("pk", filter=enabled & Q(failures=0)),
        failing=Count("pk", filter=enabled & Q(failures__gt=0)),
        disabled=Count("pk", filter=~enabled),
    )


def _seal() -> Iterator[Metric]:
    check = SealCheck.objects.first()
    if check is None:
        return
    yield _gauge("ecc_seal_broken", "Whether the last check found that nothing can be sealed.", bool(check.broken))
    yield _gauge("ecc_seal_warnings", "Findings of the last check that need attention soon.", len(check.warnings))
    if check.expires_at:
        says = "When the certificate of the seal ends."
        yield _gauge("ecc_seal_certificate_end_timestamp_seconds", says, check.expires_at.timestamp())


def _daily_lists() -> Iterator[Metric]:
    last = TrailSeal.objects.last()
    if last is None:
        return
    yield _gauge("ecc_daily_list_timestamp_seconds", "When the last daily list was sealed.", last.sealed_at.timestamp())
    if settings.SEAL_TSA_URL:
        stamped = EvidenceStamp.objects.aggregate(last=Max("last_list"))["last"] or 0
        yield _gauge("ecc_daily_lists_unstamped", "Daily lists without a timestamp.", last.number - stamped)


def _recovery() -> Iterator[Metric]:
    runs = {run.kind: run for run in RecoveryRun.objects.all()}
    if backup := runs.get(RecoveryRun.Kind.BACKUP):
        says = "When the last complete backup began."
        yield _gauge("ecc_backup_last_success_timestamp_seconds", says, backup.succeeded_at.timestamp())
        yield _gauge("ecc_backup_seconds", "How long the last backup took.", backup.seconds)
        says = "Files that the last backup lacks, as they are missing or damaged in the storage."
        yield _gauge("ecc_backup_damaged_files", says, backup.damaged)
    if drill := runs.get(RecoveryRun.Kind.DRILL):
        says = "When the last restore drill that succeeded began."
        yield _gauge("ecc_restore_drill_last_success_timestamp_seconds", says, drill.succeeded_at.timestamp())
        yield _gauge("ecc_restore_drill_seconds", "How long that drill took to restore and verify.", drill.seconds)
