"""Two workers send at once: each event goes out once, and those of a contract in their order."""

import threading
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections, transaction

from tests.webhooks.receiving import due
from webhooks.models import WebhookDelivery
from webhooks.queue import claim_delivery
from webhooks.sending import send_due_webhooks

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
CONTRACTS, EACH, WORKERS = 40, 4, 4


def at_once(call):
    start = threading.Barrier(WORKERS)

    def run(_):
        start.wait()
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(run, range(WORKERS)))


def test_each_is_sent_once_and_in_order(endpoint, receiving):
    for n in range(EACH):
        for i in range(CONTRACTS):
            due(endpoint, f"EC{i}", f"contract.{n}")

    sent = at_once(send_due_webhooks)
    send_due_webhooks()  # whatever was held back when the last of them looked

    order = defaultdict(list)
    for received in receiving.received:
        order[received.json["data"]["contract"]["number"]].append(received.type)
    assert set(map(tuple, order.values())) == {tuple(f"contract.{n}" for n in range(EACH))}
    assert len(order) == CONTRACTS
    assert set(WebhookDelivery.objects.values_list("state", "attempts")) == {("delivered", 1)}
    assert sum(worker.attempted > 0 for worker in sent) > 1


@pytest.mark.parametrize("_round", range(20))
def test_one_is_claimed_by_one_worker(endpoint, _round):
    first = due(endpoint, "EC1")
    due(endpoint, "EC1", "contract.official")

    claimed = at_once(lambda: claim_delivery(endpoint.pk))

    assert [delivery.pk for delivery in claimed if delivery] == [first.pk]


def test_a_change_that_is_not_committed_yet_holds_up_no_worker(endpoint, receiving):
    """The change has written its event, and so keeps the endpoint's row from being deleted."""
    due(endpoint, "EC1")
    with transaction.atomic():
        due(endpoint, "EC2")
        with ThreadPoolExecutor(1) as pool:

            def send():
                try:
                    return send_due_webhooks()
                finally:
                    connections.close_all()

            assert pool.submit(send).result(timeout=30).attempted == 1
