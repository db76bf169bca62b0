"""An event is tried for three days. Then it is given up, and the people of the account are told, once."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.utils import timezone

from emails.models import Notice
from tests.factories import MembershipFactory
from tests.webhooks.receiving import due
from webhooks.models import WebhookAttempt, WebhookDelivery
from webhooks.retries import GIVE_UP_AFTER
from webhooks.sending import send_due_webhooks

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _people(membership, clock):
    MembershipFactory(account=membership.account, role="finance", user__email="wang@customer.example")
    MembershipFactory(account=membership.account, role="viewer", user__email="viewer@customer.example")


def live_on(clock, until, step=timedelta(minutes=15)):
    while timezone.now() < until:
        send_due_webhooks()
        clock.shift(step)


def states():
    return list(WebhookDelivery.objects.order_by("pk").values_list("state", flat=True))


def test_it_is_tried_for_three_days_with_longer_and_longer_waits(endpoint, receiving, clock):
    receiving.always = 503
    delivery = due(endpoint)
    live_on(clock, delivery.created_at + GIVE_UP_AFTER)
    assert states() == ["pending"]

    live_on(clock, delivery.created_at + GIVE_UP_AFTER + timedelta(minutes=30))
    assert states() == ["failed"]
    times = list(WebhookAttempt.objects.values_list("at", flat=True))
    waits = [after - before for before, after in pairwise(times)]
    assert 12 <= len(times) <= 20
    assert waits[-2] > waits[5] > waits[3]
    assert times[-1] - delivery.created_at >= GIVE_UP_AFTER


def test_waits_are_spread(endpoint, receiving):
    receiving.always = 503
    for i in range(4):
        due(endpoint, f"EC{i}")
    send_due_webhooks()
    assert WebhookDelivery.objects.values("due_at").distinct().count() > 1


def test_the_account_is_told_once_by_email_and_the_endpoint_is_flagged(endpoint, receiving, clock):
    receiving.always = 503
    first, second = due(endpoint, "EC1"), due(endpoint, "EC2")
    live_on(clock, first.created_at + GIVE_UP_AFTER + timedelta(hours=1), timedelta(minutes=20))
    WebhookDelivery.objects.filter(pk=second.pk).update(state="pending", due_at=timezone.now())
    live_on(clock, timezone.now() + timedelta(hours=1), timedelta(minutes=20))

    notices = Notice.objects.values_list("kind", "user__email", "facts__url")
    assert list(notices) == [("webhook_failing", "wang@customer.example", receiving.url)]
    endpoint.refresh_from_db()
    assert endpoint.flagged_at
    assert endpoint.enabled

    receiving.always = 200
    due(endpoint, "EC3")
    clock.shift(timedelta(hours=1))
    send_due_webhooks()
    endpoint.refresh_from_db()
    assert (endpoint.failures, endpoint.flagged_at, endpoint.failing_since) == (0, None, None)


def test_what_waited_as_long_at_an_endpoint_that_took_nothing_is_given_up_with_it(endpoint, receiving, clock):
    receiving.always = 503
    for i in range(50):
        due(endpoint, f"EC{i}")
    written = timezone.now()
    live_on(clock, written + GIVE_UP_AFTER, timedelta(hours=6))
    fresh = due(endpoint, "EC99")
    live_on(clock, timezone.now() + timedelta(minutes=30), timedelta(minutes=6))

    assert states() == ["failed"] * 50 + ["pending"]
    assert fresh.pk == WebhookDelivery.objects.get(state="pending").pk


def test_an_event_that_alone_is_refused_takes_no_other_with_it(endpoint, receiving, clock):
    """The receiver chokes on one contract for ever, and takes all others."""

    def choosy(conversation):
        bad = receiving.received[-1].json["data"]["contract"]["number"] == "EC1"
        conversation.send_error(500 if bad else 204)

    receiving.always = choosy
    first = due(endpoint, "EC1")
    while timezone.now() < first.created_at + GIVE_UP_AFTER + timedelta(hours=2):
        due(endpoint, f"EC{WebhookDelivery.objects.count() + 1}")
        send_due_webhooks()
        clock.shift(timedelta(minutes=1))
        send_due_webhooks()
        clock.shift(timedelta(hours=1))

    assert states()[0] == "failed"
    assert set(states()[1:]) == {"delivered"}


def test_a_test_event_is_tried_once(endpoint, receiving, clock):
    receiving.always = 503
    due(endpoint, "", "endpoint.test")
    send_due_webhooks()
    assert states() == ["failed"]
    assert not Notice.objects.exists()
