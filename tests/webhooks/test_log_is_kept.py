"""The log of what was sent is kept for thirty days; that of a deleted endpoint goes with it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.access.actors import actor_of
from emails.models import Notice
from tests.webhooks.receiving import due
from webhooks.endpoints import delete_endpoint
from webhooks.http_post import PostResult
from webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from webhooks.queue import claim_delivery
from webhooks.retention import delete_old_deliveries
from webhooks.retries import GIVE_UP_AFTER, record_attempt
from webhooks.sending import send_due_webhooks
from webhooks.tasks import delete_old_webhooks

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_what_is_older_goes_with_its_tries(endpoint, receiving, clock):
    for i in range(5):
        due(endpoint, f"EC{i}")
    send_due_webhooks()
    clock.shift(timedelta(days=29))
    kept = due(endpoint, "EC9")
    send_due_webhooks()

    assert delete_old_webhooks() == 0
    clock.shift(timedelta(days=1, seconds=1))
    assert delete_old_deliveries(now=timezone.now(), batch=2) == 5
    assert WebhookDelivery.objects.get() == kept
    assert WebhookAttempt.objects.get().delivery == kept


def test_a_deleted_endpoint_is_sent_nothing_and_goes_with_its_log_a_day_later(endpoint, receiving, membership, clock):
    due(endpoint)
    delete_endpoint(endpoint=endpoint, by=actor_of(membership, "page"))

    send_due_webhooks()
    assert receiving.received == []
    assert delete_old_webhooks() == 0
    clock.shift(timedelta(days=1, seconds=1))
    assert delete_old_webhooks() == 1
    assert not WebhookEndpoint.objects.exists()


def test_what_came_of_a_delivery_that_is_gone_is_not_written(endpoint, clock):
    due(endpoint)
    claimed = claim_delivery(endpoint.pk)
    WebhookDelivery.objects.all().delete()

    record_attempt(claimed, PostResult(12, 200, "thank you"), at=timezone.now())

    assert not WebhookAttempt.objects.exists()


@pytest.mark.parametrize("status", [200, 410, 503])
def test_what_comes_of_a_delivery_once_its_endpoint_is_deleted_is_told_nobody(endpoint, membership, clock, status):
    """It was on its way meanwhile, for the last time: the endpoint would have been said to fail."""
    due(endpoint)
    clock.shift(GIVE_UP_AFTER)
    claimed = claim_delivery(endpoint.pk)
    delete_endpoint(endpoint=endpoint, by=actor_of(membership, "page"))
    as_deleted = WebhookEndpoint.objects.values().get()

    record_attempt(claimed, PostResult(12, status), at=timezone.now())

    assert not WebhookAttempt.objects.exists()
    assert not Notice.objects.exists()
    assert WebhookDelivery.objects.get().state == "pending"
    assert WebhookEndpoint.objects.values().get() == as_deleted
