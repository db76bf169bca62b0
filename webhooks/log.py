"""The log of an endpoint's deliveries: filter it and resend many."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access.actors import Actor
from common.errors import Refused
from common.transactions import in_transaction
from webhooks.endpoints import get_deliveries, lock_enabled_endpoint, record_change, send_at_once
from webhooks.models import WebhookDelivery, WebhookDeliveryQuerySet, WebhookEndpoint

MAX_RESENT = 1000
"""Maximum deliveries that one request resends."""
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
    ids: tuple[int, ...] = ()

    def find(self, endpoint: WebhookEndpoint) -> WebhookDeliveryQuerySet:
        """Return the endpoint's deliveries, newest first."""
        given = {
            "state": self.state,
            "type": self.type,
            "subject": self.subject,
            "created_at__gte": self.created_from,
            "created_at__lt": self.created_to,
            "pk__in": self.ids,
        }
        return get_deliveries(endpoint).filter(**{name: value for name, value in given.items() if value})


def find_resendable(endpoint: WebhookEndpoint, chosen: DeliveryFilter) -> WebhookDeliveryQuerySet:
    """Return the oldest MAX_RESENT deliveries of the filter that are neither pending nor tests, oldest first."""
    ended = chosen.find(endpoint).exclude(state=State.PENDING).exclude(type=WebhookDelivery.TEST)
    return ended.order_by("created_at", "pk")[:MAX_RESENT]


@in_transaction
def resend_deliveries(*, endpoint: WebhookEndpoint, chosen: DeliveryFilter, by: Actor) -> int:
    """Resend the deliveries that `find_resendable` returns, and return their number. Retries start over.

    Raises Refused: `permission_denied`, `transition_not_allowed` if the endpoint is disabled, `invalid` at `/ids` for
    more than MAX_RESENT.
    """
    endpoint = lock_enabled_endpoint(endpoint, by)
    if len(chosen.ids) > MAX_RESENT:
        detail = _("At most %(limit)d events at once; %(count)d were given.")
        raise Refused("invalid", detail % {"limit": MAX_RESENT, "count": len(chosen.ids)}, pointer="/ids")
    ids = list(find_resendable(endpoint, chosen).select_for_update(of=("self",)).values_list("pk", flat=True))
    now = timezone.now()
    WebhookDelivery.objects.filter(pk__in=ids).update(
        state=State.PENDING, delivered_at=None, attempts=0, due_at=now, queued_at=now
    )
    if ids:
        record_change(endpoint, f"{len(ids)} events resent", by)
        send_at_once(endpoint)
    return len(ids)
