"""Select and claim the next delivery.

A worker claims one in a short transaction, which counts the attempt and moves `due_at` ahead by LEASE. It sends without
holding a lock and records the result (`retries`). If the worker is killed in between, the delivery becomes due again
and is sent a second time with the same `webhook-id`.
"""

import random
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from webhooks.http_post import TOTAL_TIMEOUT_SECONDS
from webhooks.models import WebhookDelivery, WebhookEndpoint

PENDING = WebhookDelivery.State.PENDING
LEASE = timedelta(seconds=TOTAL_TIMEOUT_SECONDS) + timedelta(minutes=2)
"""How long a claim lasts: the limit of a POST, plus time for the DNS lookup."""


class ReadyEndpoint(NamedTuple):
    """An endpoint with a due delivery."""

    pk: int
    account_id: int | None


def find_ready_endpoints() -> list[ReadyEndpoint]:
    """Return the endpoints with a due delivery in random order, so that none is always first."""
    now = timezone.now()
    ready = [
        ReadyEndpoint(*row)
        for row in _enabled_endpoints(now).filter(Exists(_due_deliveries(now))).values_list("pk", "account_id")
    ]
    random.shuffle(ready)
    return ready


def find_next_delivery_due_time(by: datetime) -> datetime | None:
    """Return when the next delivery is due, which may be in the past; None if none is due until `by`."""
    first = _due_deliveries(by).order_by("due_at", "pk").values("due_at")[:1]
    waiting = _enabled_endpoints(by).annotate(first=Subquery(first)).exclude(first=None)
    return min((max(filter(None, times)) for times in waiting.values_list("first", "resume_at")), default=None)


def _enabled_endpoints(at: datetime) -> QuerySet[WebhookEndpoint]:
    """Return the enabled endpoints whose pause after a failure is over at `at`."""
    resumed = Q(resume_at=None) | Q(resume_at__lte=at)
    return WebhookEndpoint.objects.filter(resumed, disabled_because="").order_by()


def _due_deliveries(at: datetime) -> QuerySet[WebhookDelivery]:
    """Return the deliveries of the outer query's endpoint that are due at `at` and not preceded by a pending one.

    A delivery that waits for an earlier one of its subject is not due: a worker would poll for it in vain.
    """
    due = WebhookDelivery.objects.filter(endpoint=OuterRef("pk"), state=PENDING, due_at__lte=at)
    return due.filter(~Exists(_EARLIER_OF_SUBJECT))


_EARLIER_OF_SUBJECT = WebhookDelivery.objects.filter(
    state=PENDING, endpoint=OuterRef("endpoint"), subject=OuterRef("subject"), pk__lt=OuterRef("pk")
)


def claim_delivery(endpoint_id: int) -> WebhookDelivery | None:
    """Claim the endpoint's next delivery for this worker and return it with its endpoint; None if none is due.

    Skips deliveries whose subject has an earlier pending one.
    """
    now = timezone.now()
    open_now = Q(endpoint__resume_at=None) | Q(endpoint__resume_at__lte=now)
    due = WebhookDelivery.objects.filter(
        open_now, endpoint=endpoint_id, endpoint__disabled_because="", state=PENDING, due_at__lte=now
    )
    ready = due.filter(~Exists(_EARLIER_OF_SUBJECT)).order_by("due_at", "pk")
    with transaction.atomic(durable=True):  # an outer transaction would keep the lock
        delivery = ready.select_for_update(skip_locked=True, of=("self",)).select_related("endpoint").first()
        if delivery:
            delivery.attempts += 1
            delivery.due_at = now + LEASE
            delivery.save(update_fields=["attempts", "due_at"])
    return delivery
