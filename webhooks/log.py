"""The log of an endpoint's deliveries: filter it, resend many, and summarise it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, QuerySet
from django.utils import timezone

from accounts.access.actors import Actor
from common.transactions import in_transaction
from webhooks.endpoints import get_deliveries, lock_enabled_endpoint, send_at_once
from webhooks.models import WebhookDelivery, WebhookEndpoint

MAX_RESENT = 1000
"""Maximum deliveries that one request resends."""
HEALTH_PERIOD = timedelta(hours=24)
State = WebhookDelivery.State


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """Conditions, all of which hold; an empty one is none."""

    state: str = ""
    type: str = ""
    subject: str = ""
    created_from: datetime | None = None
    created_to: datetime | None = None
    """Excluded."""

    def find(self, endpoint: WebhookEndpoint) -> QuerySet[WebhookDelivery]:
        """Return the endpoint's deliveries, newest first."""
        given = {
            "state": self.state,
            "type": self.type,
            "subject": self.subject,
            "created_at__gte": self.created_from,
            "created_at__lt": self.created_to,
        }
        return get_deliveries(endpoint).filter(**{name: value for name, value in given.items() if value})


@in_transaction
def resend_deliveries(*, endpoint: WebhookEndpoint, chosen: DeliveryFilter, by: Actor) -> int:
    """Resend the oldest MAX_RESENT deliveries of the filter that are not pending, and return their number.

    Test events are left out. Retries start over. Raises Refused: `permission_denied`, `transition_not_allowed` if the
    endpoint is disabled.
    """
    endpoint = lock_enabled_endpoint(endpoint, by)
    ended = chosen.find(endpoint).exclude(state=State.PENDING).exclude(type=WebhookDelivery.TEST)
    ids = list(ended.order_by("pk").select_for_update().values_list("pk", flat=True)[:MAX_RESENT])
    now = timezone.now()
    WebhookDelivery.objects.filter(pk__in=ids).update(
        state=State.PENDING, delivered_at=None, attempts=0, due_at=now, queued_at=now
    )
    if ids:
        send_at_once(endpoint)
    return len(ids)


@dataclass(frozen=True, slots=True)
class Health:
    """What became of the events of HEALTH_PERIOD, and what waits."""

    delivered: int
    failed: int
    pending: int
    oldest_pending_at: datetime | None


def find_health(endpoint: WebhookEndpoint, *, now: datetime) -> Health:
    recent = endpoint.deliveries.filter(created_at__gte=now - HEALTH_PERIOD).order_by()
    counts = dict(recent.values_list("state").annotate(Count("pk")))
    waiting = endpoint.deliveries.filter(state=State.PENDING).aggregate(count=Count("pk"), oldest=Min("created_at"))
    return Health(counts.get(State.DELIVERED, 0), counts.get(State.FAILED, 0), waiting["count"], waiting["oldest"])
