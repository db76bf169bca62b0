"""Services for the webhook endpoints of an account, and of integrators for all accounts (R26)."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access.actors import Actor
from accounts.access.security_log import record_security_event
from accounts.models import Account, SecurityEvent
from common.errors import Refused
from common.texts import validate_text
from common.throttling import count
from common.transactions import in_transaction
from webhooks.event_types import EVENT_TYPES, get_types_of_scopes
from webhooks.events import Event, build_delivery, new_event_id, send_webhooks_after_commit
from webhooks.models import WebhookDelivery, WebhookDeliveryQuerySet, WebhookEndpoint
from webhooks.public_addresses import validate_endpoint_url
from webhooks.retries import NO_FAILURES
from webhooks.signing import new_secret

MAX_ENDPOINTS = 10
"""Per account, and for each set of integrators' scopes."""
SECRET_OVERLAP = timedelta(hours=24)
"""How long the previous secret remains valid for signing after a rotation."""
MAX_REDELIVERIES_PER_MINUTE = 60
"""Per account, and for all integrators together."""
MAX_RETIRED_SECRETS = 5
"""Maximum number of previous secrets that still sign. Receivers may reject a longer signature header."""


def get_endpoints(account: Account) -> QuerySet[WebhookEndpoint]:
    """Return the endpoints visible to members of `account`, oldest first (R26)."""
    return WebhookEndpoint.objects.filter(account=account, deleted_at=None).select_related("account").order_by("pk")


def get_endpoints_of(by: Actor) -> QuerySet[WebhookEndpoint]:
    """Return the endpoints of the actor's account; for an integrator those with just its scopes, whoever made them."""
    if by.account:
        return get_endpoints(by.account)
    if not by.scopes:
        raise Refused("permission_denied", _("You do not act for an account."))
    own = WebhookEndpoint.objects.filter(account=None, scopes=" ".join(by.scopes), deleted_at=None)
    return own.order_by("pk")


def get_deliveries(endpoint: WebhookEndpoint) -> WebhookDeliveryQuerySet:
    """Return the deliveries to an endpoint, newest first."""
    return endpoint.deliveries.with_earlier_due_at().order_by("-created_at", "-pk")


def find_secret_overlap_end(endpoint: WebhookEndpoint, *, now: datetime) -> datetime | None:
    """Return when the last previous secret stops signing; None if none signs at `now` (aware)."""
    latest = max((datetime.fromisoformat(old["until"]) for old in endpoint.retired_secrets), default=now)
    return latest if latest > now else None


@in_transaction
def create_endpoint(
    *, url: str, description: str = "", event_types: Collection[str] = (), by: Actor
) -> WebhookEndpoint:
    """Create an endpoint with a new secret. Empty `event_types` subscribes it to all types, including future ones.

    Raises Refused: `permission_denied`, `invalid` at `/url`, `/description` or `/event_types`,
    `transition_not_allowed` if the account has MAX_ENDPOINTS.
    """
    by.require_to_act()
    if by.account:  # one at a time, so that the limit holds
        Account.objects.select_for_update(no_key=True).get(pk=by.account.pk)
    else:
        get_user_model().objects.select_for_update(no_key=True).get(pk=by.person)
    if get_endpoints_of(by).count() >= MAX_ENDPOINTS:
        raise Refused(
            "transition_not_allowed",
            _("You have the maximum of %(limit)d endpoints. Delete one first.") % {"limit": MAX_ENDPOINTS},
        )
    endpoint = WebhookEndpoint.objects.create(
        account=by.account,
        scopes=" ".join(by.scopes),
        url=validate_endpoint_url(url),
        description=validate_text(WebhookEndpoint, "description", description, pointer="/description"),
        event_types=_validate_event_types(event_types, by),
        secret=new_secret(),
        created_at=timezone.now(),
    )
    record_change(endpoint, "created", by)
    return endpoint


def record_change(endpoint: WebhookEndpoint, change: str, by: Actor) -> None:
    """Record in the security log what the actor has done to the endpoint."""
    detail = f"webhook endpoint {endpoint.pk}: {change}"
    record_security_event(kind=SecurityEvent.Kind.WEBHOOK_CHANGED, user_id=by.user_id, detail=detail)


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
    """Change the given fields and return the fresh endpoint. Raises Refused as `create_endpoint` does.

    A disabled endpoint gets no new events; its pending deliveries wait. Enabling it or changing its URL clears earlier
    failures and sends the pending deliveries immediately.
    """
    endpoint = _lock_endpoint(endpoint, by)
    changed: dict[str, Any] = {}
    if url is not None:
        changed["url"] = validate_endpoint_url(url)
    if description is not None:
        changed["description"] = validate_text(WebhookEndpoint, "description", description, pointer="/description")
    if event_types is not None:
        changed["event_types"] = _validate_event_types(event_types, by)
    if enabled is not None and enabled != endpoint.enabled:
        changed["disabled_because"] = "" if enabled else WebhookEndpoint.DisabledBecause.MEMBER
        changed["disabled_at"] = None if enabled else timezone.now()
    if changed.get("url", endpoint.url) != endpoint.url or changed.get("disabled_because") == "":
        changed |= NO_FAILURES
        send_webhooks_after_commit()
    if changed:
        record_change(endpoint, _describe_changes(changed), by)
    return _update_endpoint(endpoint, **changed)


def _describe_changes(changed: Mapping[str, Any]) -> str:
    """Return the names of the changed settings, with "enabled" or "disabled"."""
    names = [name for name in ("url", "description", "event_types") if name in changed]
    if "disabled_because" in changed:
        names.append("disabled" if changed["disabled_because"] else "enabled")
    return ", ".join(names)


@in_transaction
def rotate_secret(*, endpoint: WebhookEndpoint, by: Actor) -> WebhookEndpoint:
    """Replace the endpoint's secret and return the fresh endpoint. The old secret also signs for SECRET_OVERLAP.

    Raises Refused: `permission_denied`, `transition_not_allowed` after MAX_RETIRED_SECRETS rotations within that time.
    """
    endpoint = _lock_endpoint(endpoint, by)
    now = timezone.now()
    retired = [old for old in endpoint.retired_secrets if datetime.fromisoformat(old["until"]) > now]
    if len(retired) >= MAX_RETIRED_SECRETS:
        raise Refused(
            "transition_not_allowed",
            _("The secret was rotated %(count)d times within a day. Wait until the oldest one has expired.")
            % {"count": len(retired)},
        )
    record_change(endpoint, "secret rotated", by)
    retired.insert(0, {"secret": endpoint.secret, "until": (now + SECRET_OVERLAP).isoformat()})
    return _update_endpoint(endpoint, secret=new_secret(), retired_secrets=retired)


@in_transaction
def delete_endpoint(*, endpoint: WebhookEndpoint, by: Actor) -> None:
    """Delete the endpoint with its log and its pending deliveries. Raises Refused `permission_denied`."""
    now, reason = timezone.now(), WebhookEndpoint.DisabledBecause.MEMBER
    _update_endpoint(_lock_endpoint(endpoint, by), disabled_because=reason, disabled_at=now, deleted_at=now)
    record_change(endpoint, "deleted", by)


@in_transaction
def send_test_event(*, endpoint: WebhookEndpoint, by: Actor) -> WebhookDelivery:
    """Enqueue a test event, which is never retried, and return its delivery.

    Raises Refused: `permission_denied`, `transition_not_allowed` if the endpoint is disabled or a test is pending.
    """
    endpoint = lock_enabled_endpoint(endpoint, by)
    if endpoint.deliveries.filter(type=WebhookDelivery.TEST, state=WebhookDelivery.State.PENDING).exists():
        raise Refused("transition_not_allowed", _("A test event is being sent. Wait for its result first."))
    now = timezone.now()
    event = Event(endpoint.account, WebhookDelivery.TEST, "", now, {"endpoint": endpoint.pk})
    delivery = build_delivery(event, endpoint, event_id=new_event_id(), body=event.body(), now=now)
    delivery.save()
    delivery.earlier_due_at = None  # it is the only pending test
    send_at_once(endpoint)
    return delivery


@in_transaction
def resend_delivery(*, delivery: WebhookDelivery, by: Actor) -> WebhookDelivery:
    """Resend a delivery, or send a pending one now, and return it fresh. Retries start over, for three days.

    The `webhook-id` stays the same, so that the receiver can recognise a duplicate.
    Raises Refused: `permission_denied`, `transition_not_allowed` if the endpoint is disabled, `throttled` after
    MAX_REDELIVERIES_PER_MINUTE.
    """
    endpoint = lock_enabled_endpoint(delivery.endpoint, by)
    counted = count(f"limit:redeliveries:{endpoint.account_id}", 1, 60)
    if counted and counted[0] > MAX_REDELIVERIES_PER_MINUTE:
        raise Refused("throttled", _("Too many events were resent. Wait a minute, then try again."))
    deliveries = get_deliveries(endpoint).select_related("endpoint").select_for_update(of=("self",))
    delivery = deliveries.get(pk=delivery.pk)
    delivery.state, delivery.delivered_at, delivery.attempts = WebhookDelivery.State.PENDING, None, 0
    delivery.due_at = delivery.queued_at = timezone.now()
    delivery.save(update_fields=["state", "delivered_at", "attempts", "due_at", "queued_at"])
    record_change(endpoint, "1 event resent", by)
    send_at_once(endpoint)
    return delivery


def _lock_endpoint(endpoint: WebhookEndpoint, by: Actor) -> WebhookEndpoint:
    """Lock the actor's endpoint and return it fresh, with its account.

    Raises Refused `permission_denied`, WebhookEndpoint.DoesNotExist for an endpoint of another account (R26).
    """
    by.require_to_act()
    return get_endpoints_of(by).select_for_update(of=("self",), no_key=True).get(pk=endpoint.pk)


def lock_enabled_endpoint(endpoint: WebhookEndpoint, by: Actor) -> WebhookEndpoint:
    """Lock the actor's endpoint like `_lock_endpoint`. Raises Refused `transition_not_allowed` if it is disabled."""
    endpoint = _lock_endpoint(endpoint, by)
    if not endpoint.enabled:
        raise Refused("transition_not_allowed", _("The endpoint is disabled. Enable it first."))
    return endpoint


def _update_endpoint(endpoint: WebhookEndpoint, **fields: Any) -> WebhookEndpoint:
    for name, value in fields.items():
        setattr(endpoint, name, value)
    endpoint.save(update_fields=list(fields))
    return endpoint


def send_at_once(endpoint: WebhookEndpoint) -> None:
    """End the pause after earlier failures and enqueue the sending task, because a person is waiting."""
    if endpoint.resume_at:
        _update_endpoint(endpoint, resume_at=None)
    send_webhooks_after_commit()


def _validate_event_types(event_types: Collection[str], by: Actor) -> list[str]:
    """Return the types without duplicates, in the order of the registry. Raises Refused `invalid`.

    Integrators get those of their scopes.
    """
    known = list(EVENT_TYPES) if by.account else get_types_of_scopes(by.scopes)
    if unknown := sorted(set(event_types) - set(known)):
        raise Refused(
            "invalid",
            _("There is no event type %(type)s.") % {"type": unknown[0][:100]},
            pointer="/event_types",
        )
    return [known_type for known_type in known if known_type in event_types]
