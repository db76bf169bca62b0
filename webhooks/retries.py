"""Record the result of an attempt, and schedule retries."""

import logging
import random
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from accounts.notices import notify
from common.transactions import in_transaction
from emails.kinds import EmailKind
from webhooks.emails import ENDPOINT_FAILING, ENDPOINT_GONE
from webhooks.http_post import PostResult
from webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint

log = logging.getLogger(__name__)

State = WebhookDelivery.State
GIVE_UP_AFTER = timedelta(days=3)
RETRY_DELAYS = [
    *(timedelta(seconds=seconds) for seconds in (5, 30)),
    *(timedelta(minutes=minutes) for minutes in (2, 10, 30)),
    *(timedelta(hours=hours) for hours in (1, 2, 4, 8, 12)),
]
"""Delays after each failed attempt of a delivery. The last one repeats until GIVE_UP_AFTER."""
MIN_ENDPOINT_PAUSE, MAX_ENDPOINT_PAUSE = timedelta(seconds=5), timedelta(minutes=5)
"""Exponential backoff after consecutive failures, so that the endpoint is not called for every pending delivery."""
MAX_JITTER_RATIO = 0.2
NO_FAILURES = {"failures": 0, "failing_since": None, "resume_at": None, "flagged_at": None}
"""Field values of an endpoint without failures."""


@in_transaction
def record_attempt(delivery: WebhookDelivery, outcome: PostResult, *, at: datetime) -> None:
    """Record the result of a claimed delivery sent at `at` (aware) and update the delivery and its endpoint.

    The delivery's state stays unchanged if this worker's lease expired and another worker or a person claimed it again.
    Nothing is recorded if the endpoint has been deleted.
    """
    endpoints = WebhookEndpoint.objects.select_for_update(no_key=True).filter(deleted_at=None)
    endpoint = endpoints.filter(pk=delivery.endpoint_id).first()
    locked = WebhookDelivery.objects.select_for_update().filter(pk=delivery.pk).first()
    if endpoint is None or locked is None:
        return
    WebhookAttempt.objects.create(
        delivery=locked,
        at=at,
        duration_ms=outcome.duration_ms,
        status_code=outcome.status_code,
        answer=outcome.answer,
        error=outcome.error,
    )
    is_current_claim = locked.state == State.PENDING and locked.attempts == delivery.attempts
    now = timezone.now()
    if outcome.is_delivered:
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(last_success_at=now, **NO_FAILURES)
        if is_current_claim or locked.state == State.FAILED:
            WebhookDelivery.objects.filter(pk=locked.pk).update(state=State.DELIVERED, delivered_at=now)
    else:
        _record_failure(locked, endpoint, outcome, is_current_claim=is_current_claim, now=now)


def _record_failure(
    delivery: WebhookDelivery, endpoint: WebhookEndpoint, outcome: PostResult, *, is_current_claim: bool, now: datetime
) -> None:
    reason = outcome.status_code or outcome.error
    log.info("webhook delivery %d not delivered, attempt %d: %s", delivery.pk, delivery.attempts, reason)
    endpoint.failures += 1
    endpoint.failing_since = endpoint.failing_since or now
    pause = min(MIN_ENDPOINT_PAUSE * 2 ** min(endpoint.failures - 1, 16), MAX_ENDPOINT_PAUSE)
    endpoint.resume_at = now + _add_jitter(pause)
    is_test = delivery.type == WebhookDelivery.TEST
    deadline = delivery.queued_at + GIVE_UP_AFTER
    if outcome.is_gone:
        _disable(endpoint, now=now)
    if is_current_claim and (is_test or now >= deadline):
        log.warning("webhook delivery %d given up", delivery.pk)
        WebhookDelivery.objects.filter(pk=delivery.pk).update(state=State.FAILED)
    elif is_current_claim:
        delay = _add_jitter(RETRY_DELAYS[min(delivery.attempts, len(RETRY_DELAYS)) - 1])
        WebhookDelivery.objects.filter(pk=delivery.pk).update(due_at=min(now + delay, deadline))
    if not is_test and now >= deadline:
        _fail_old_deliveries(endpoint, now=now)
        _flag_endpoint(endpoint, now=now)
    endpoint.save(update_fields=[*NO_FAILURES, "disabled_because", "disabled_at"])


def _fail_old_deliveries(endpoint: WebhookEndpoint, *, now: datetime) -> None:
    """Fail all deliveries older than GIVE_UP_AFTER, without more attempts, if the endpoint has failed for that long."""
    since = now - GIVE_UP_AFTER
    if endpoint.failing_since and endpoint.failing_since <= since:
        waiting = WebhookDelivery.objects.filter(endpoint=endpoint, state=State.PENDING, queued_at__lte=since)
        log.warning("webhook endpoint %d: %d more given up", endpoint.pk, waiting.update(state=State.FAILED))


def _disable(endpoint: WebhookEndpoint, *, now: datetime) -> None:
    """Disable an endpoint that responded with 410 Gone. Its deliveries stay pending in case that was a mistake."""
    if endpoint.enabled:
        endpoint.disabled_because, endpoint.disabled_at = WebhookEndpoint.DisabledBecause.GONE, now
        _notify_members(endpoint, ENDPOINT_GONE, now=now)


def _flag_endpoint(endpoint: WebhookEndpoint, *, now: datetime) -> None:
    if endpoint.flagged_at is None:
        endpoint.flagged_at = now
        _notify_members(endpoint, ENDPOINT_FAILING, now=now)


def _notify_members(endpoint: WebhookEndpoint, kind: EmailKind, *, now: datetime) -> None:
    if endpoint.account is None:  # an integrator's: staff see its state in the back office
        log.error("webhook endpoint %d of an integrator fails: %s", endpoint.pk, endpoint.url)
        return
    facts = {"url": endpoint.url, "path": reverse("account-webhook", args=[endpoint.pk])}
    notify(endpoint.account, kind, facts, at=now)


def _add_jitter(delay: timedelta) -> timedelta:
    """Return `delay` plus up to MAX_JITTER_RATIO, so that simultaneous failures are not retried simultaneously."""
    return delay * (1 + random.random() * MAX_JITTER_RATIO)  # noqa: S311 - spreads load
