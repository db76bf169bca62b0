"""No account takes more than its part of the sending, and sending again by hand is limited."""

import threading

import pytest
from django.core.cache import caches
from django.urls import reverse
from redis.exceptions import ConnectionError as RedisAway

from accounts.access.actors import actor_of
from common.errors import Refused
from tests.factories import MembershipFactory
from tests.webhooks.receiving import due, endpoint_of, receiver
from webhooks import endpoints
from webhooks.models import WebhookDelivery
from webhooks.sending import MAX_CONCURRENT_REQUESTS_PER_ACCOUNT, send_due_webhooks

pytestmark = pytest.mark.django_db


def test_slow_receivers_of_one_account_leave_room_for_another(membership, receiving):
    """They answer once the other account has everything; until then no more than four are asked at a time."""
    others = [due(endpoint_of(MembershipFactory().account, receiving.url), f"EC{i}") for i in range(10)]
    done = threading.Event()
    asked_meanwhile = []

    def take(conversation):
        if len(receiving.received) == len(others):
            asked_meanwhile.append(len(slow.received))
            done.set()
        conversation.send_error(204)

    receiving.always = take
    with receiver() as slow:
        slow.always = lambda conversation: conversation.send_error(204 if done.wait(30) else 500)
        for i in range(10):
            endpoint = endpoint_of(membership.account, slow.url)
            for n in range(5):
                due(endpoint, f"EC{i}-{n}")
        send_due_webhooks()

    assert asked_meanwhile[0] <= MAX_CONCURRENT_REQUESTS_PER_ACCOUNT
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"delivered"}


@pytest.fixture
def two_a_minute(monkeypatch):
    monkeypatch.setattr(endpoints, "MAX_REDELIVERIES_PER_MINUTE", 2)


@pytest.mark.usefixtures("two_a_minute")
def test_sending_again_is_limited_in_the_api(api, endpoint):
    delivery = due(endpoint, state="failed")
    path = f"webhooks/{endpoint.pk}/deliveries/{delivery.pk}/redeliver/"
    assert [api.post(path).status_code for _ in range(2)] == [202, 202]

    answer = api.post(path)

    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (429, "throttled", "60")


@pytest.mark.usefixtures("two_a_minute")
def test_sending_again_is_limited_on_the_pages(client, membership, endpoint):
    client.force_login(membership.user)
    delivery = due(endpoint, state="failed")
    path = reverse("account-webhook-again", args=[endpoint.pk, delivery.pk])
    assert [client.post(path).status_code for _ in range(3)] == [302, 302, 429]


@pytest.mark.usefixtures("two_a_minute")
def test_the_limit_is_the_accounts_and_not_the_endpoints(membership, receiving):
    by = actor_of(membership, "page")
    for _ in range(2):
        endpoints.resend_delivery(delivery=due(endpoint_of(membership.account), state="failed"), by=by)
    with pytest.raises(Refused) as refused:
        endpoints.resend_delivery(delivery=due(endpoint_of(membership.account), state="failed"), by=by)
    assert refused.value.code == "throttled"

    other = MembershipFactory()
    endpoints.resend_delivery(delivery=due(endpoint_of(other.account), state="failed"), by=actor_of(other, "page"))


@pytest.mark.usefixtures("two_a_minute")
def test_nothing_is_limited_while_the_cache_is_away(membership, endpoint, monkeypatch):
    def away(*_):
        raise RedisAway

    monkeypatch.setattr(caches["shared"], "count", away)
    delivery = due(endpoint, state="failed")
    for _ in range(3):
        endpoints.resend_delivery(delivery=delivery, by=actor_of(membership, "page"))
