"""Which delivery is next.

A worker claims one in a short transaction, which counts the attempt and moves `due_at` ahead by LEASE; it sends with no
lock held, and records what came of it (`outcomes`). One whose worker was killed in between comes due again, and is sent
a second time under the same `webhook-id`.
"""

import random
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from billing.models import WebhookDelivery, WebhookEndpoint
from billing.webhooks.posting import IN_ALL

PENDING = WebhookDelivery.State.PENDING
LEASE = timedelta(seconds=IN_ALL) + timedelta(minutes=2)
"""How long a claimed delivery is left to its worker: the time that a POST has, and some for looking up the name."""


def ready_endpoints() -> list[int]:
    """Ids of the endpoints that something is due for, in no order: nobody is always the first."""
    now = timezone.now()
    open_now = WebhookEndpoint.objects.filter(Q(resume_at=None) | Q(resume_at__lte=now), disabled_because="")
    due = WebhookDelivery.objects.filter(state=PENDING, due_at__lte=now).order_by()
    ids = list(open_now.filter(pk__in=due.values("endpoint")).order_by().values_list("pk", flat=True))
    random.shuffle(ids)
    return ids


def claim(endpoint_id: int) -> WebhookDelivery | None:
    """The next delivery for the endpoint, taken on by this worker, with its endpoint; None where none is ready.

    Not one that follows on another of the same subject that waits or is being sent.
    """
    now = timezone.now()
    earlier = WebhookDelivery.objects.filter(
        state=PENDING, endpoint=endpoint_id, subject=OuterRef("subject"), pk__lt=OuterRef("pk")
    )
    open_now = Q(endpoint__resume_at=None) | Q(endpoint__resume_at__lte=now)
    due = WebhookDelivery.objects.filter(
        open_now, endpoint=endpoint_id, endpoint__disabled_because="", state=PENDING, due_at__lte=now
    )
    ready = due.filter(~Exists(earlier)).order_by("due_at", "pk")
    with transaction.atomic(durable=True):  # or the lock would outlast it
        delivery = ready.select_for_update(skip_locked=True, of=("self",)).select_related("endpoint").first()
        if delivery:
            delivery.attempts += 1
            delivery.due_at = now + LEASE
            delivery.save(update_fields=["attempts", "due_at"])
    return delivery
