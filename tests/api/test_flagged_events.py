"""A program is told when an official contract loses an order after payment (R24)."""

import json

import pytest

from accounts.access.actors import actor_of
from contracts.models import Contract
from tests.factories import OrderFactory, draft, official
from tests.webhooks.receiving import deliveries, endpoint_of

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R24"), pytest.mark.usefixtures("clock", "issuer")]


@pytest.fixture
def actor(membership):
    endpoint_of(membership.account)
    return actor_of(membership, "api")


def end(integrator, number: str, status: str = "refunded") -> None:
    """The order system says that the order ended."""
    order = integrator.get(f"orders/{number}/").json()
    answer = integrator.put(f"orders/{number}/", order | {"status": status})
    assert answer.json()["status"] == status, answer.json()


def flagged() -> list[dict]:
    return [json.loads(delivery.body)["data"] for delivery in deliveries(type="contract.flagged")]


@pytest.mark.parametrize("status", ["refunded", "cancelled"])
def test_an_official_contract_is_flagged_and_stays_official(actor, integrator, status):
    contract = official(actor, count=2)
    end(integrator, contract.order_numbers[0], status)
    [told] = flagged()
    assert told["contract"]["number"] == contract.number
    assert told["contract"]["status"] == "official"
    assert told["ended_orders"] == [{"number": contract.order_numbers[0], "status": status}]
    assert Contract.objects.get(pk=contract.pk).status == "official"
    assert [delivery.type for delivery in deliveries(subject=contract.order_numbers[0])] == [f"order.{status}"]


def test_the_same_message_again_flags_nothing(actor, integrator):
    contract = official(actor)
    end(integrator, contract.order_numbers[0])
    end(integrator, contract.order_numbers[0])
    assert len(flagged()) == 1


def test_drafts_and_payment_requests_are_not_flagged(actor, integrator):
    end(integrator, draft(actor).order_numbers[0])
    request = official(actor, type="payment_request")
    end(integrator, request.order_numbers[0], "cancelled")
    assert flagged() == []


def test_orders_that_are_paid_are_told(actor, integrator):
    order = OrderFactory(account=actor.account)
    integrator.post(f"orders/{order.number}/pay/", {"paid_at": order.ordered_at.isoformat()})
    [told] = deliveries()
    assert (told.type, told.subject) == ("order.paid", order.number)
    assert json.loads(told.body)["data"]["order"]["paid_at"]
