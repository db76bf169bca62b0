"""What Prometheus is told of parts, jobs, queues, seal, lists, endpoints, batches, exports and disks."""

from datetime import timedelta

import pytest
from celery import current_app
from django.utils import timezone

from config import state_metrics
from config.celery import QUEUES
from config.health import CHECKS, READINESS
from contracts.bulk.batches import create_batch
from contracts.models import Batch, SealCheck
from contracts.tasks import check_seal, forget, seal_audit_trail
from exports.models import Export
from jobs.models import JobState, SendingHold
from jobs.queueing import enqueue
from tests import factories
from tests.factories import actor_of, draft
from tests.figures import TOKEN, figures
from tests.webhooks.receiving import due, endpoint_of
from webhooks.models import WebhookEndpoint
from webhooks.tasks import send_webhooks

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture(autouse=True)
def _token(settings):
    settings.METRICS_TOKEN = TOKEN


def test_each_part_of_readyz_is_told(settings):
    assert figures().labelled("ecc_ready") == dict.fromkeys(CHECKS, 1)
    READINESS.forget()
    settings.SEAL_P12 = "/nowhere/seal.p12"
    assert figures().labelled("ecc_ready") == {**dict.fromkeys(CHECKS, 1), "seal": 0}


def test_while_a_part_hangs_none_is_ready(monkeypatch):
    monkeypatch.setattr(READINESS, "parts", lambda: None)
    told = figures()
    assert told.labelled("ecc_ready") == dict.fromkeys(CHECKS, 0)
    assert told.get("ecc_database_up") == 0


def test_rows_are_not_read_while_the_database_fails(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(READINESS, "parts", lambda: {**dict.fromkeys(CHECKS, "ok"), "database": "failed"})
    with django_assert_num_queries(0):
        assert figures().get("ecc_database_up") == 0


def test_a_job_that_fails_is_told_for_how_long(clock):
    forget()
    JobState.objects.create(job="contracts.tasks.feed_anchors", failing_since=timezone.now())
    JobState.objects.create(job="gone.tasks.gone", failing_since=timezone.now())
    at = timezone.now()
    clock.shift(timedelta(minutes=11))
    told = figures()
    assert told.labelled("ecc_job_failing_seconds") == {
        "contracts.tasks.forget": 0,
        "contracts.tasks.feed_anchors": 660,
    }
    assert told.labelled("ecc_job_last_success_timestamp_seconds") == {"contracts.tasks.forget": at.timestamp()}


def test_messages_are_counted_by_queue():
    before = figures().labelled("ecc_queue_messages")
    assert set(before) == set(QUEUES)
    enqueue(send_webhooks)
    try:
        assert figures().labelled("ecc_queue_messages") == {**before, "webhooks": before["webhooks"] + 1}
    finally:
        with current_app.connection_for_write() as broker:
            broker.SimpleQueue("webhooks").get(timeout=5).ack()


def test_a_broker_that_is_away_hides_nothing_else(monkeypatch):
    def away() -> dict[str, int]:
        raise ConnectionRefusedError

    monkeypatch.setattr(state_metrics, "count_messages", away)
    told = figures()
    assert told.labelled("ecc_queue_messages") == {}
    assert told.get("ecc_database_up") == 1


def test_the_seal_and_the_daily_lists(settings, membership, own_files):
    assert not {name for name in figures().names() if name.startswith(("ecc_seal_b", "ecc_seal_c", "ecc_daily"))}
    draft(actor_of(membership, "page"))
    check_seal()
    seal_audit_trail()
    ends = timezone.now() + timedelta(days=12)
    SealCheck.objects.update(expires_at=ends, warnings=["soon"])
    settings.SEAL_TSA_URL, settings.SEAL_TSA_FAILURE = "http://127.0.0.1:1/", "seal_without"
    told = figures()
    assert (told.get("ecc_seal_broken"), told.get("ecc_seal_warnings")) == (0, 1)
    assert told.get("ecc_seal_certificate_end_timestamp_seconds") == ends.timestamp()
    assert told.get("ecc_daily_list_timestamp_seconds") == timezone.now().timestamp()
    assert told.get("ecc_daily_lists_unstamped") == 1
    SealCheck.objects.update(broken=["no key"])
    assert figures().get("ecc_seal_broken") == 1


def test_batches_and_exports_that_wait(membership, clock):
    actor = actor_of(membership, "page")
    create_batch(action=Batch.Action.CONVERT, numbers=[draft(actor).number], by=actor)
    asked = {"exporter": "orders", "parameters": {}, "format": "csv", "language": "en", "user": membership.user}
    for status in ("waiting", "failed", "ready"):
        Export.objects.create(status=status, requested_at=timezone.now(), account=membership.account, **asked)
    clock.shift(timedelta(minutes=2))
    told = figures()
    waiting = (told.get("ecc_batches_waiting"), told.get("ecc_exports_waiting"), told.get("ecc_exports_failed"))
    assert waiting == (1, 1, 1)
    assert told.get("ecc_oldest_due_seconds", kind="batch") == 120
    assert told.get("ecc_oldest_due_seconds", kind="export") == 120
    assert told.get("ecc_oldest_due_seconds", kind="contract") == 0


def test_endpoints_by_state():
    _first, second, third = (endpoint_of(factories.AccountFactory()) for _ in range(3))
    failing = {"failures": 2, "failing_since": timezone.now()}
    WebhookEndpoint.objects.filter(pk=second.pk).update(**failing)
    WebhookEndpoint.objects.filter(pk=third.pk).update(disabled_because="gone", disabled_at=timezone.now())
    assert figures().labelled("ecc_webhook_endpoints") == {"working": 1, "failing": 1, "disabled": 1}


def test_what_a_restored_copy_holds_is_not_overdue(clock):
    due(endpoint_of(factories.AccountFactory()))
    SendingHold.objects.create(since=timezone.now())
    clock.shift(timedelta(hours=1))
    assert figures().get("ecc_oldest_due_seconds", kind="webhook") == 0


def test_free_space_by_folder():
    told = figures().labelled("ecc_disk_free_bytes")
    assert set(told) == {"data", "files", "temporary"}
    assert all(told.values())


def test_all_of_it_takes_few_statements(issuer, django_assert_max_num_queries):
    with django_assert_max_num_queries(38):
        figures()
