"""Delete old events, old deliveries and deleted endpoints."""

from datetime import datetime, timedelta

from common.chunks import delete_in_chunks
from webhooks.feed import delete_events
from webhooks.models import WebhookDelivery, WebhookEndpoint

EVENT_RETENTION = timedelta(days=30)
DELIVERY_RETENTION = timedelta(days=30)
DELETED_ENDPOINT_RETENTION = timedelta(days=1)
"""Longer than any transaction that may still create a delivery for the endpoint."""


def delete_old_deliveries(*, now: datetime, batch: int = 1000) -> int:
    """Delete deliveries older than DELIVERY_RETENTION at `now` (aware) with their attempts, and return their number.

    Their state does not matter: a delivery that is pending for so long belongs to a disabled endpoint. Endpoints
    deleted more than DELETED_ENDPOINT_RETENTION ago are removed with their deliveries.
    Safe to run repeatedly and concurrently.
    """
    deleted = WebhookEndpoint.objects.filter(deleted_at__lt=now - DELETED_ENDPOINT_RETENTION)
    old = WebhookDelivery.objects.filter(created_at__lt=now - DELIVERY_RETENTION).order_by("created_at")
    of_deleted = WebhookDelivery.objects.filter(endpoint__in=deleted).order_by()
    count = sum(delete_in_chunks(deliveries, batch) for deliveries in (old, of_deleted))
    deleted.delete()
    return count


def delete_old_events(*, now: datetime, batch: int = 1000) -> int:
    """Delete events of the feed older than EVENT_RETENTION at `now` (aware), and return their number."""
    return delete_events(before=now - EVENT_RETENTION, batch=batch)
