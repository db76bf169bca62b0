"""Which delivery is next.

A worker claims one in a short transaction, which counts the attempt and moves `due_at` ahead by LEASE; it sends with no
lock held, and records what came of it (`outcomes`). One whose worker was killed in between comes due again, and is sent
a second time under the same `webhook-id`.
"""

import random
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from webhooks.http_post import IN_ALL
from webhooks.models import WebhookDelivery, WebhookEndpoint

PENDING = WebhookDelivery.State.PENDING
LEASE = timedelta(seconds=IN_ALL) + timedelta(minutes=2)
"""How long a claimed delivery is left to its worker: the time that a POST has, and some for looking up the name."""


class Ready(NamedTuple):
    """An endpoint that something is due for."""

    pk: int
    account_id: int


def ready_endpoints() -> list[Ready]:
    """The endpoints that something may be sent to now, in no order: none is always the first."""
    now = timezone.now()
    ready = [Ready(*row) for row in _open(now).filter(Exists(_sendable(now))).values_list("pk", "account_id")]
    random.shuffle(ready)
    return ready


def next_due_delivery(by: datetime) -> datetime | None:
    """When the next delivery may be sent, in the past where one waits already; None where none may until `by`."""
    first = _sendable(by).order_by("due_at", "pk").values("due_at")[:1]
    waiting = _open(by).annotate(first=Subquery(first)).exclude(first=None)
    return min((max(filter(None, times)) for times in waiting.values_list("first", "resume_at")), default=None)


def _open(at: datetime) -> QuerySet[WebhookEndpoint]:
    """Endpoints that are switched on and whose pause after a failure is over at `at`."""
    resumed = Q(resume_at=None) | Q(resume_at__lte=at)
    return WebhookEndpoint.objects.filter(resumed, disabled_because="").order_by()


def _sendable(at: datetime) -> QuerySet[WebhookDelivery]:
    """Deliveries of the outer query's endpoint that are due at `at` and follow no earlier one of their subject.

    What waits for an earlier one must not be counted as due: a worker would look for it again and again.
    """
    due = WebhookDelivery.objects.filter(endpoint=OuterRef("pk"), state=PENDING, due_at__lte=at)
    return due.filter(~Exists(_EARLIER))


_EARLIER = WebhookDelivery.objects.filter(
    state=PENDING, endpoint=OuterRef("endpoint"), subject=OuterRef("subject"), pk__lt=OuterRef("pk")
)


def claim(endpoint_id: int) -> WebhookDelivery | None:
    """The next delivery for the endpoint, taken on by this worker, with its endpoint; None where none is ready.

    Not one that follows on another of the same subject that waits or is being sent.
    """
    now = timezone.now()
    open_now = Q(endpoint__resume_at=None) | Q(endpoint__resume_at__lte=now)
    due = WebhookDelivery.objects.filter(
        open_now, endpoint=endpoint_id, endpoint__disabled_because="", state=PENDING, due_at__lte=now
    )
    ready = due.filter(~Exists(_EARLIER)).order_by("due_at", "pk")
    with transaction.atomic(durable=True):  # or the lock would outlast it
        delivery = ready.select_for_update(skip_locked=True, of=("self",)).select_related("endpoint").first()
        if delivery:
            delivery.attempts += 1
            delivery.due_at = now + LEASE
            delivery.save(update_fields=["attempts", "due_at"])
    return delivery
