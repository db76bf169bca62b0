"""Of one contract my program is told in the order in which things happened; other contracts do not wait for it."""

from datetime import timedelta

import pytest

from tests.webhooks.receiving import due, endpoint_of
from webhooks import queue
from webhooks.models import WebhookDelivery
from webhooks.retries import GIVE_UP_AFTER
from webhooks.sending import send_due_webhooks

pytestmark = pytest.mark.django_db


def told(receiving):
    bodies = [received.json for received in receiving.received]
    return [(body["data"]["contract"]["number"], body["type"].split(".")[1]) for body in bodies]


def test_the_next_waits_until_the_one_before_is_delivered(endpoint, receiving, clock):
    receiving.answers = [500]
    due(endpoint, "EC1", "contract.drafted")
    due(endpoint, "EC1", "contract.official")
    due(endpoint, "EC1", "contract.voided")

    send_due_webhooks()
    assert told(receiving) == [("EC1", "drafted")]
    clock.shift(timedelta(minutes=1))
    send_due_webhooks()
    assert told(receiving)[1:] == [("EC1", "drafted"), ("EC1", "official"), ("EC1", "voided")]


def test_another_contract_does_not_wait(endpoint, receiving, clock):
    receiving.always = lambda conversation: conversation.send_error(
        500 if receiving.received[-1].json["data"]["contract"]["number"] == "EC1" else 204
    )
    due(endpoint, "EC1")
    due(endpoint, "EC2", "contract.drafted")
    due(endpoint, "EC2", "contract.official")
    for _ in range(3):
        send_due_webhooks()
        clock.shift(timedelta(minutes=1))
    delivered = WebhookDelivery.objects.filter(state="delivered").values_list("subject", "type")
    assert set(delivered) == {("EC2", "contract.drafted"), ("EC2", "contract.official")}


def test_the_next_goes_on_once_the_one_before_is_given_up(endpoint, receiving, clock):
    receiving.answers = [500]
    first = due(endpoint, "EC1")
    WebhookDelivery.objects.filter(pk=first.pk).update(queued_at=first.queued_at - GIVE_UP_AFTER)
    due(endpoint, "EC1", "contract.official")

    send_due_webhooks()
    clock.shift(timedelta(minutes=1))
    send_due_webhooks()

    assert told(receiving) == [("EC1", "drafted"), ("EC1", "official")]
    first.refresh_from_db()
    assert first.state == "failed"


def test_endpoints_do_not_wait_for_each_other(endpoint, membership, receiving, clock):
    closed = endpoint_of(membership.account, "http://127.0.0.1:1/")
    due(closed, "EC1")
    due(endpoint, "EC1")
    send_due_webhooks()
    assert told(receiving) == [("EC1", "drafted")]


def test_what_is_being_sent_holds_back_the_next(endpoint, clock):
    first, second = due(endpoint, "EC1"), due(endpoint, "EC1", "contract.official")

    assert queue.claim_delivery(endpoint.pk) == first
    assert queue.claim_delivery(endpoint.pk) is None
    clock.shift(queue.LEASE)
    assert queue.claim_delivery(endpoint.pk) == first  # its worker is gone
    WebhookDelivery.objects.filter(pk=first.pk).update(state="failed")
    assert queue.claim_delivery(endpoint.pk) == second
