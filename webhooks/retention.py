"""The log of deliveries is kept for a while."""

from datetime import datetime, timedelta

from common.batches import delete_in_batches
from webhooks.models import WebhookDelivery, WebhookEndpoint

KEPT_FOR = timedelta(days=30)
DELETED_FOR = timedelta(days=1)
"""Longer than any transaction that has still seen the endpoint, and is about to write a delivery for it."""


def forget_old(*, now: datetime, batch: int = 1000) -> int:
    """Delete the deliveries written more than KEPT_FOR before `now` (aware), with their tries; returns how many.

    Whatever their state: what still waits after so long waits at an endpoint that was switched off. Those of endpoints
    that were deleted go with these after DELETED_FOR. Batch after batch, each of a few statements. Safe to run twice
    and at once.
    """
    deleted = WebhookEndpoint.objects.filter(deleted_at__lt=now - DELETED_FOR)
    old = WebhookDelivery.objects.filter(created_at__lt=now - KEPT_FOR).order_by("created_at")
    of_deleted = WebhookDelivery.objects.filter(endpoint__in=deleted).order_by()
    forgotten = sum(delete_in_batches(unwanted, batch) for unwanted in (old, of_deleted))
    deleted.delete()
    return forgotten
