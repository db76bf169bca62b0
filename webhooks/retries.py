"""What becomes of a delivery that was tried, and of its endpoint."""

import logging
import random
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from accounts.notices import notify
from common.transactions import in_transaction
from emails.kinds import EmailKind
from webhooks.emails import ENDPOINT_FAILING, ENDPOINT_GONE
from webhooks.http_post import Outcome
from webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint

log = logging.getLogger(__name__)

State = WebhookDelivery.State
GIVE_UP_AFTER = timedelta(days=3)
WAITS = [
    *(timedelta(seconds=seconds) for seconds in (5, 30)),
    *(timedelta(minutes=minutes) for minutes in (2, 10, 30)),
    *(timedelta(hours=hours) for hours in (1, 2, 4, 8, 12)),
]
"""After the first failure of a delivery, the second, …; the last holds for all that follow, to GIVE_UP_AFTER."""
PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=5)
"""After the first failure in a row at an endpoint, twice that after the second, …, nothing is sent to it: one that is
down is not asked for each of the thousand things that wait for it."""
JITTER = 0.2
FRESH = {"failures": 0, "failing_since": None, "resume_at": None, "flagged_at": None}
"""How an endpoint stands that nothing has failed at."""


@in_transaction
def record(delivery: WebhookDelivery, outcome: Outcome, *, at: datetime) -> None:
    """Write down what came of a claimed delivery that was sent at `at` (aware): its log, its state, its endpoint's.

    The state is left alone where another worker has taken the delivery over, or a person asked for it again: this
    worker was slower than its lease. Nothing is written where the endpoint was deleted meanwhile.
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
    mine = locked.state == State.PENDING and locked.attempts == delivery.attempts
    now = timezone.now()
    if outcome.delivered:
        _settle(endpoint)
        if mine or locked.state == State.FAILED:
            WebhookDelivery.objects.filter(pk=locked.pk).update(state=State.DELIVERED, delivered_at=now)
    else:
        _failed(locked, endpoint, outcome, mine=mine, now=now)


def _settle(endpoint: WebhookEndpoint) -> None:
    if endpoint.failures:
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(**FRESH)


def _failed(
    delivery: WebhookDelivery, endpoint: WebhookEndpoint, outcome: Outcome, *, mine: bool, now: datetime
) -> None:
    said = outcome.status_code or outcome.error
    log.info("webhook delivery %d not delivered, attempt %d: %s", delivery.pk, delivery.attempts, said)
    endpoint.failures += 1
    endpoint.failing_since = endpoint.failing_since or now
    endpoint.resume_at = now + _jittered(min(PAUSE * 2 ** min(endpoint.failures - 1, 16), LONGEST_PAUSE))
    once = delivery.type == WebhookDelivery.TEST
    last = delivery.queued_at + GIVE_UP_AFTER
    if outcome.gone:
        _switch_off(endpoint, now=now)
    if mine and (once or now >= last):
        log.warning("webhook delivery %d given up", delivery.pk)
        WebhookDelivery.objects.filter(pk=delivery.pk).update(state=State.FAILED)
    elif mine:
        wait = _jittered(WAITS[min(delivery.attempts, len(WAITS)) - 1])
        WebhookDelivery.objects.filter(pk=delivery.pk).update(due_at=min(now + wait, last))
    if not once and now >= last:
        _give_up_what_waited_as_long(endpoint, now=now)
        _flag(endpoint, now=now)
    endpoint.save(update_fields=[*FRESH, "disabled_because"])


def _give_up_what_waited_as_long(endpoint: WebhookEndpoint, *, now: datetime) -> None:
    """An endpoint that has failed for all that time is not tried for each of them once more."""
    since = now - GIVE_UP_AFTER
    if endpoint.failing_since and endpoint.failing_since <= since:
        waiting = WebhookDelivery.objects.filter(endpoint=endpoint, state=State.PENDING, queued_at__lte=since)
        log.warning("webhook endpoint %d: %d more given up", endpoint.pk, waiting.update(state=State.FAILED))


def _switch_off(endpoint: WebhookEndpoint, *, now: datetime) -> None:
    """410 Gone: the receiver wants nothing any more. What waits goes on waiting, in case that was a mistake."""
    if endpoint.enabled:
        endpoint.disabled_because = WebhookEndpoint.DisabledBecause.GONE
        _tell(endpoint, ENDPOINT_GONE, now=now)


def _flag(endpoint: WebhookEndpoint, *, now: datetime) -> None:
    if endpoint.flagged_at is None:
        endpoint.flagged_at = now
        _tell(endpoint, ENDPOINT_FAILING, now=now)


def _tell(endpoint: WebhookEndpoint, kind: EmailKind, *, now: datetime) -> None:
    facts = {"url": endpoint.url, "path": reverse("account-webhook", args=[endpoint.pk])}
    notify(endpoint.account, kind, facts, at=now)


def _jittered(wait: timedelta) -> timedelta:
    """Up to JITTER longer, so that what failed together does not come again together."""
    return wait * (1 + random.random() * JITTER)  # noqa: S311 - spreads load
