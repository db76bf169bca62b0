"""The machine kills the background worker while it sends webhooks, and Redis goes away. My program gets every event."""

from collections import Counter

import pytest
from django.utils import timezone

from tests.factories import AccountFactory, draft, member
from tests.system import servers
from tests.system.processes import say, wait_for
from tests.system.surroundings import as_the_clock_does
from tests.webhooks.receiving import due, endpoint_of, hang, receiver
from webhooks.models import WebhookDelivery
from webhooks.queue import LEASE

pytestmark = [pytest.mark.exhaustive, pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
EVENTS = 60
KILLED_AT = 25
TASK = "webhooks.tasks.send_webhooks"


def waiting():
    return WebhookDelivery.objects.filter(state="pending")


def ids(server):
    return Counter(received.headers["webhook-id"] for received in server.received)


def test_every_event_arrives_and_only_those_in_flight_twice(environment, redis):
    environment |= {"WEBHOOK_ALLOW_PRIVATE": "true"}
    with redis.running(), receiver() as server:
        endpoint = endpoint_of(AccountFactory(), server.url)
        for i in range(EVENTS // 3):
            for type_ in ("contract.drafted", "contract.official", "contract.voided"):
                due(endpoint, f"EC{i}", type_)

        def hang_from_then_on(conversation):
            if len(server.received) >= KILLED_AT:
                hang(conversation)
            conversation.send_response(200)
            conversation.end_headers()

        server.always = hang_from_then_on
        with servers.worker(environment) as worker:
            as_the_clock_does(TASK, environment)
            wait_for("some are in flight", lambda: len(server.received) > KILLED_AT)
            worker.kill_all()
        in_flight = waiting().filter(attempts__gt=0)
        ids_in_flight = set(in_flight.values_list("event_id", flat=True))
        held = list(in_flight.values_list("subject", flat=True))
        assert held
        assert max(in_flight.values_list("due_at", flat=True)) <= timezone.now() + LEASE
        server.always = 200

        with servers.worker(environment):
            as_the_clock_does(TASK, environment)
            wait_for("all others are sent", lambda: not waiting().exclude(subject__in=held).exists())
            in_flight.update(due_at=timezone.now())  # the end of the lease
            as_the_clock_does(TASK, environment)
            wait_for("all are sent", lambda: not waiting().exists())

        sent = ids(server)
        twice = {event_id for event_id, n in sent.items() if n > 1}
        say(f"{EVENTS} events, {len(server.received)} posts, twice: {sorted(twice)}")
        assert len(sent) == EVENTS
        assert twice <= ids_in_flight
        for subject in {received.json["data"]["contract"]["number"] for received in server.received}:
            told = [r.type for r in server.received if r.json["data"]["contract"]["number"] == subject]
            assert list(dict.fromkeys(told)) == ["contract.drafted", "contract.official", "contract.voided"]


def test_what_happened_while_redis_was_away_is_sent_by_the_clock(issuer, environment, redis):
    environment |= {"WEBHOOK_ALLOW_PRIVATE": "true"}
    with receiver() as server:
        actor = member()
        endpoint_of(actor.account, server.url)
        contract = draft(actor)  # nobody could be told of it
        assert waiting().count() == 1
        with redis.running(), servers.worker(environment), servers.beat(environment):
            wait_for("it is sent", lambda: not waiting().exists())
        assert [received.json["data"]["contract"]["number"] for received in server.received] == [contract.number]
