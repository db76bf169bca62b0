"""How the deliveries to endpoints fare."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min

from webhooks.models import WebhookDelivery, WebhookEndpoint

HEALTH_PERIOD = timedelta(hours=24)
State = WebhookDelivery.State


@dataclass(frozen=True, slots=True)
class Health:
    """Outcomes of the events of HEALTH_PERIOD. Pending events are counted whatever their age."""

    events: int
    delivered: int
    failed: int
    """Given up."""
    pending: int
    oldest_pending_at: datetime | None

    @property
    def percent(self) -> int | None:
        """Share of the events that were delivered, rounded down; None without events."""
        return 100 * self.delivered // self.events if self.events else None


def find_health(endpoints: Sequence[WebhookEndpoint], *, now: datetime) -> dict[int, Health]:
    """Return the health of each endpoint by its id, at `now` (aware), in two statements."""
    deliveries = WebhookDelivery.objects.filter(endpoint__in=endpoints).order_by()
    recent = deliveries.filter(created_at__gte=now - HEALTH_PERIOD).values_list("endpoint", "state")
    counts: Counter[tuple[int, str]] = Counter()
    for endpoint, state, count in recent.annotate(Count("pk")):
        counts[endpoint, state] = count
    waiting = deliveries.filter(state=State.PENDING).values_list("endpoint")
    pending = {pk: (count, oldest) for pk, count, oldest in waiting.annotate(Count("pk"), Min("created_at"))}
    return {
        endpoint.pk: Health(
            sum(counts[endpoint.pk, state] for state in State),
            counts[endpoint.pk, State.DELIVERED],
            counts[endpoint.pk, State.FAILED],
            *pending.get(endpoint.pk, (0, None)),
        )
        for endpoint in endpoints
    }
