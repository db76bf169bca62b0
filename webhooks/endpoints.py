"""The endpoints of an account: who may see, make and change which (R26)."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access.actors import Actor
from accounts.models import Account
from common.errors import Refused
from common.texts import fitting
from common.throttling import count
from common.transactions import in_transaction
from webhooks.event_types import EVENT_TYPES
from webhooks.events import Event, delivery_of, new_event_id, send_after_commit
from webhooks.models import WebhookDelivery, WebhookEndpoint
from webhooks.public_addresses import checked_url
from webhooks.retries import FRESH
from webhooks.signing import new_secret

MOST_ENDPOINTS = 10
"""Of an account."""
OVERLAP = timedelta(hours=24)
"""For so long after a rotation the secret before it signs, too."""
REDELIVERIES_A_MINUTE = 60
"""Of an account."""
MOST_RETIRED = 5
"""Secrets that sign besides the newest. A header with more would be none that receivers take."""


def endpoints_of(account: Account) -> QuerySet[WebhookEndpoint]:
    """The only endpoints that members of `account` may know of, oldest first (R26)."""
    return WebhookEndpoint.objects.filter(account=account, deleted_at=None).select_related("account").order_by("pk")


def deliveries_of(endpoint: WebhookEndpoint) -> QuerySet[WebhookDelivery]:
    """Newest first."""
    return WebhookDelivery.objects.filter(endpoint=endpoint).order_by("-created_at", "-pk")


def overlap_ends(endpoint: WebhookEndpoint, *, now: datetime) -> datetime | None:
    """Until when a secret before the newest signs, too; None where none does at `now` (aware)."""
    latest = max((datetime.fromisoformat(old["until"]) for old in endpoint.retired_secrets), default=now)
    return latest if latest > now else None


@in_transaction
def create_endpoint(
    *, url: str, description: str = "", event_types: Collection[str] = (), by: Actor
) -> WebhookEndpoint:
    """A new endpoint, which holds its secret. `event_types` empty stands for all, also those that come to be later.

    Raises Refused: `permission_denied`, `invalid` at `/url`, `/description` or `/event_types`,
    `transition_not_allowed` for an account that has MOST_ENDPOINTS.
    """
    by.require_to_act()
    account = Account.objects.select_for_update(no_key=True).get(pk=by.own_account.pk)
    if endpoints_of(account).count() >= MOST_ENDPOINTS:
        raise Refused(
            "transition_not_allowed",
            _("The account has %(limit)d endpoints, and more are not possible. Delete one first.")
            % {"limit": MOST_ENDPOINTS},
        )
    return WebhookEndpoint.objects.create(
        account=account,
        url=checked_url(url),
        description=fitting(WebhookEndpoint, "description", description, pointer="/description"),
        event_types=_known(event_types),
        secret=new_secret(),
        created_at=timezone.now(),
    )


@in_transaction
def change_endpoint(
    *,
    endpoint: WebhookEndpoint,
    url: str | None = None,
    description: str | None = None,
    event_types: Collection[str] | None = None,
    enabled: bool | None = None,
    by: Actor,
) -> WebhookEndpoint:
    """Change what is given; returns the endpoint read anew.

    One that is switched off is told of nothing that happens then; what was written before waits. Switched on again or
    given another address, it is sent to at once, whatever failed before. Raises Refused as `create_endpoint` does.
    """
    endpoint = _locked(endpoint, by)
    changed: dict[str, Any] = {}
    if url is not None:
        changed["url"] = checked_url(url)
    if description is not None:
        changed["description"] = fitting(WebhookEndpoint, "description", description, pointer="/description")
    if event_types is not None:
        changed["event_types"] = _known(event_types)
    if enabled is not None and enabled != endpoint.enabled:
        changed["disabled_because"] = "" if enabled else WebhookEndpoint.DisabledBecause.MEMBER
    if changed.get("url", endpoint.url) != endpoint.url or changed.get("disabled_because") == "":
        changed |= FRESH
        send_after_commit()
    return _changed(endpoint, **changed)


@in_transaction
def rotate_secret(*, endpoint: WebhookEndpoint, by: Actor) -> WebhookEndpoint:
    """Give the endpoint a new secret; that before it signs, too, for OVERLAP. Returns it read anew, with the secret.

    Raises Refused: `permission_denied`, `transition_not_allowed` after MOST_RETIRED rotations within OVERLAP.
    """
    endpoint = _locked(endpoint, by)
    now = timezone.now()
    retired = [old for old in endpoint.retired_secrets if datetime.fromisoformat(old["until"]) > now]
    if len(retired) >= MOST_RETIRED:
        raise Refused(
            "transition_not_allowed",
            _("The secret was rotated %(count)d times within a day. Wait until the oldest of them has ended.")
            % {"count": len(retired)},
        )
    retired.insert(0, {"secret": endpoint.secret, "until": (now + OVERLAP).isoformat()})
    return _changed(endpoint, secret=new_secret(), retired_secrets=retired)


@in_transaction
def delete_endpoint(*, endpoint: WebhookEndpoint, by: Actor) -> None:
    """Delete it with its log. What was not sent to it is sent no more. Raises Refused `permission_denied`."""
    gone = WebhookEndpoint.DisabledBecause.MEMBER
    _changed(_locked(endpoint, by), disabled_because=gone, deleted_at=timezone.now())


@in_transaction
def send_test(*, endpoint: WebhookEndpoint, by: Actor) -> WebhookDelivery:
    """Have a test event sent to the endpoint, once; returns the delivery, which tells what came of it.

    Raises Refused: `permission_denied`, `transition_not_allowed` while it is switched off or another test waits.
    """
    endpoint = _locked(endpoint, by)
    _require_enabled(endpoint)
    if endpoint.deliveries.filter(type=WebhookDelivery.TEST, state=WebhookDelivery.State.PENDING).exists():
        raise Refused("transition_not_allowed", _("A test event is on its way. See what comes of it first."))
    now = timezone.now()
    event = Event(endpoint.account_id, WebhookDelivery.TEST, "", now, {"endpoint": endpoint.pk})
    delivery = delivery_of(event, endpoint, event_id=new_event_id(), now=now)
    delivery.save()
    _try_at_once(endpoint)
    return delivery


@in_transaction
def send_again(*, delivery: WebhookDelivery, by: Actor) -> WebhookDelivery:
    """Send a delivery again, or one that waits now; returns it read anew.

    It has the same `webhook-id`, by which the receiver may know it, and is tried for three days once more.
    Raises Refused: `permission_denied`, `transition_not_allowed` while the endpoint is switched off, `throttled` after
    REDELIVERIES_A_MINUTE.
    """
    endpoint = _locked(delivery.endpoint, by)
    _require_enabled(endpoint)
    counted = count(f"limit:redeliveries:{endpoint.account_id}", 1, 60)
    if counted and counted[0] > REDELIVERIES_A_MINUTE:
        raise Refused("throttled", _("Too many events were sent again. Wait a minute, then go on."))
    delivery = WebhookDelivery.objects.select_for_update(of=("self",)).select_related("endpoint").get(pk=delivery.pk)
    delivery.state, delivery.delivered_at, delivery.attempts = WebhookDelivery.State.PENDING, None, 0
    delivery.due_at = delivery.queued_at = timezone.now()
    delivery.save(update_fields=["state", "delivered_at", "attempts", "due_at", "queued_at"])
    _try_at_once(endpoint)
    return delivery


def _locked(endpoint: WebhookEndpoint, by: Actor) -> WebhookEndpoint:
    """The actor's endpoint, locked and read anew, with its account.

    Raises Refused `permission_denied`, WebhookEndpoint.DoesNotExist for another account's (R26).
    """
    by.require_to_act()
    return endpoints_of(by.own_account).select_for_update(of=("self",), no_key=True).get(pk=endpoint.pk)


def _changed(endpoint: WebhookEndpoint, **fields: Any) -> WebhookEndpoint:
    for name, value in fields.items():
        setattr(endpoint, name, value)
    endpoint.save(update_fields=list(fields))
    return endpoint


def _try_at_once(endpoint: WebhookEndpoint) -> None:
    """A person looks: what failed before does not make them wait."""
    if endpoint.resume_at:
        _changed(endpoint, resume_at=None)
    send_after_commit()


def _require_enabled(endpoint: WebhookEndpoint) -> None:
    if not endpoint.enabled:
        raise Refused("transition_not_allowed", _("The endpoint is switched off. Switch it on first."))


def _known(event_types: Collection[str]) -> list[str]:
    """In the order in which they are known, each once. Raises Refused `invalid`."""
    known = list(EVENT_TYPES)
    if unknown := sorted(set(event_types) - set(known)):
        raise Refused(
            "invalid",
            _("There are no events of the type %(type)s.") % {"type": unknown[0][:100]},
            pointer="/event_types",
        )
    return [known_type for known_type in known if known_type in event_types]
