"""My program is told of everything that happens to my contracts, if and only if it happened."""

import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from jsonschema import Draft202012Validator

from accounts.access.actors import actor_of
from common.errors import Refused
from contracts import services, tasks
from contracts.services import apply_for_contract
from jobs import queueing
from orders.models import Order
from orders.order_handlers import run_orders_ended_handlers
from orders.services import cancel_unpaid, record_payment
from orders.webhooks import EventType, publish_order_events
from tests.factories import OrderFactory, PaidOrderFactory, draft, member, official, staff
from tests.webhooks.receiving import deliveries, endpoint_of
from webhooks import events
from webhooks.endpoints import send_test_event
from webhooks.event_types import EVENT_TYPES
from webhooks.models import WebhookDelivery

pytestmark = pytest.mark.django_db
MOST_TO_APPLY = 17
"""Two of them are the transaction."""


@pytest.fixture
def actor(membership):
    endpoint_of(membership.account)
    return actor_of(membership, "page")


def told():
    return [delivery.type for delivery in deliveries()]


def last():
    return json.loads(deliveries()[-1].body)


@pytest.mark.rule("R2")
def test_drafting_and_converting(actor, clock):
    contract = draft(actor, count=2)
    clock.shift(timedelta(hours=1))
    contract = services.convert_to_official(contract=contract, by=actor)

    assert told() == ["contract.drafted", "contract.official"]
    assert last() == {
        "type": "contract.official",
        "timestamp": "2026-11-22T05:00:00+00:00",
        "data": {
            "account": actor.account.number,
            "test": False,
            "contract": {
                "number": contract.number,
                "type": "order",
                "status": "official",
                "order_numbers": contract.order_numbers,
                "total_amount": "2161.00",
                "currency": "CNY",
                "applied_at": "2026-11-22T04:00:00+00:00",
                "official_at": "2026-11-22T05:00:00+00:00",
                "voided_at": None,
                "invalid_at": None,
                "valid_from": "2026-11-22T03:30:00+00:00",
                "valid_until": "2027-11-22T03:00:00+00:00",
                "expires_at": None,
            },
        },
    }
    assert {delivery.subject for delivery in deliveries()} == {contract.number}


def test_what_is_told_is_what_the_api_answers(actor, api):
    contract = official(actor)
    answer = api.get(f"contracts/{contract.number}/").json()
    for name, value in last()["data"]["contract"].items():
        if isinstance(value, str) and value.endswith("+00:00"):
            assert timezone.datetime.fromisoformat(answer[name]) == timezone.datetime.fromisoformat(value), name
        else:
            assert answer[name] == value, name


@pytest.mark.rule("R27")
def test_nobody_is_named(actor):
    contract = draft(actor, remarks="for Ms Zhang")
    services.convert_to_official(contract=contract, by=actor)
    ticket = services.request_void(contract=contract, reason="Mr Wang ordered twice", by=actor)
    services.reject_void(ticket=ticket, note="said Ms Li", by=staff())

    said = "".join(delivery.body for delivery in deliveries())
    details = [value for value in (*contract.party_a.values(), *contract.party_b.values()) if len(value) > 3]
    for private in (*details, "Zhang", "Wang", "Ms Li", actor.account.certified_name):
        if private != actor.account.number:
            assert private not in said


def test_voiding_a_draft(actor):
    services.void_draft(contract=draft(actor), by=actor)
    assert told() == ["contract.drafted", "contract.voided"]
    assert last()["data"]["contract"]["voided_at"]


@pytest.mark.rule("R5")
def test_a_void_ticket_and_both_decisions(actor):
    contract = official(actor)
    first = services.request_void(contract=contract, reason="twice", by=actor)
    assert last()["data"]["void_ticket"] == {
        "id": first.pk,
        "status": "open",
        "opened_at": events.format_utc_time(first.opened_at),
        "decided_at": None,
    }
    services.reject_void(ticket=first, note="no", by=staff())
    second = services.request_void(contract=contract, reason="twice", by=actor)
    services.approve_void(ticket=second, by=staff())

    assert told()[2:] == [
        "void_ticket.opened",
        "void_ticket.decided",
        "void_ticket.opened",
        "void_ticket.decided",
        "contract.voided",
    ]
    decided = [json.loads(d.body)["data"]["void_ticket"]["status"] for d in deliveries(type="void_ticket.decided")]
    assert decided == ["rejected", "approved"]
    assert last()["data"]["contract"]["status"] == "voided"


@pytest.mark.rule("R20")
def test_what_time_ends_is_told_by_the_clock_with_the_instant_at_which_it_ended(actor, clock):
    contract = official(actor, type="payment_request", count=2)
    services.request_void(contract=contract, reason="twice", by=actor)
    clock.move_to(contract.expires_at + timedelta(days=1))
    WebhookDelivery.objects.all().delete()

    tasks.settle_all()

    assert sorted(told()) == ["contract.invalid", "order.cancelled", "order.cancelled", "void_ticket.decided"]
    invalid = json.loads(deliveries(type="contract.invalid")[0].body)
    assert invalid["timestamp"] == events.format_utc_time(contract.expires_at)
    assert invalid["data"]["contract"]["order_numbers"] == contract.order_numbers
    assert invalid["data"]["contract"]["status"] == "invalid"
    cancelled = json.loads(deliveries(type="order.cancelled")[0].body)
    assert cancelled["data"]["order"]["number"] in contract.order_numbers
    assert (
        cancelled["data"]["order"]["cancelled_at"]
        == cancelled["timestamp"]
        == events.format_utc_time(contract.expires_at)
    )
    lapsed = json.loads(deliveries(type="void_ticket.decided")[0].body)
    assert lapsed["data"]["void_ticket"]["status"] == "lapsed"


def test_an_order_that_is_cancelled(actor):
    draft(actor, type="payment_request")
    order = cancel_unpaid(order=Order.objects.get(), by=actor)

    assert told() == ["contract.drafted", "order.cancelled", "contract.invalid"]
    [cancelled] = deliveries(type="order.cancelled")
    assert cancelled.subject == order.number
    assert json.loads(cancelled.body)["data"]["order"]["status"] == "cancelled"
    assert last()["data"]["contract"]["status"] == "invalid"
    assert tasks.settle_all()["contracts"] == 0
    assert told().count("contract.invalid") == 1


def test_editing_remarks_is_not_told(actor):
    contract = draft(actor)
    services.edit_remarks(contract=contract, remarks="mine", by=actor)
    assert told() == ["contract.drafted"]


def test_what_was_refused_or_rolled_back_is_not_told(actor):
    contract = draft(actor)
    services.void_draft(contract=contract, by=actor)
    with pytest.raises(Refused):
        services.void_draft(contract=contract, by=actor)
    with pytest.raises(RuntimeError), transaction.atomic():  # noqa: PT012 - the rest of the transaction fails
        draft(actor)
        raise RuntimeError
    assert told() == ["contract.drafted", "contract.voided"]


@pytest.mark.rule("R26")
def test_another_accounts_endpoint_is_told_nothing(actor):
    draft(member())
    assert told() == []


def test_endpoints_hear_what_they_chose_and_none_that_is_switched_off(membership):
    account = membership.account
    everything = endpoint_of(account)
    some = endpoint_of(account, event_types=["contract.voided"])
    off = endpoint_of(account, disabled_because="member", disabled_at=timezone.now())
    actor = actor_of(membership, "page")
    services.void_draft(contract=draft(actor), by=actor)

    heard = {e.pk: [d.type for d in deliveries(endpoint=e)] for e in (everything, some, off)}
    assert heard == {
        everything.pk: ["contract.drafted", "contract.voided"],
        some.pk: ["contract.voided"],
        off.pk: [],
    }
    ids = {d.event_id for d in deliveries(type="contract.voided")}
    assert len(ids) == 1  # one event, two endpoints


def test_a_task_is_called_after_commit_and_only_where_somebody_listens(
    actor, monkeypatch, django_capture_on_commit_callbacks
):
    called = []
    monkeypatch.setattr(events, "enqueue_webhooks", lambda: called.append(1))
    with django_capture_on_commit_callbacks(execute=True):
        draft(actor)
        assert called == []
    assert called == [1]
    with django_capture_on_commit_callbacks(execute=True):
        draft(member())
    assert called == [1]


def test_the_broker_being_away_changes_nothing(actor, monkeypatch, django_capture_on_commit_callbacks):
    def away(*args, **kwargs):
        raise ConnectionError("no broker")

    monkeypatch.setattr(queueing.current_app, "connection_for_write", away)
    with django_capture_on_commit_callbacks(execute=True):
        draft(actor)
    assert told() == ["contract.drafted"]


def test_a_long_sweep_calls_no_task_for_each_batch(actor, clock, monkeypatch, django_capture_on_commit_callbacks):
    contract = draft(actor, type="payment_request")
    monkeypatch.setattr(events, "enqueue_webhooks", lambda: pytest.fail("the clock's own task sends them"))
    clock.move_to(contract.expires_at)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.settle_all()
    assert told()[-1] in ("contract.invalid", "order.cancelled")


def test_applying_takes_two_statements_more_where_somebody_listens(issuer, django_assert_max_num_queries):
    def statements(listening):
        actor = member()
        if listening:
            [endpoint_of(actor.account) for _ in range(listening)]
        numbers = [PaidOrderFactory(account=actor.account).number for _ in range(20)]
        with CaptureQueriesContext(connection) as captured:
            apply_for_contract(type="order", order_numbers=numbers, party_a={"phone": "+86 10 1234"}, by=actor)
        return len(captured)

    nobody = statements(0)
    assert statements(1) == statements(5) == nobody + 1 <= MOST_TO_APPLY


def test_a_sweep_takes_as_many_statements_for_twenty_contracts_as_for_two(issuer, clock):
    def statements(count):
        actors = [member() for _ in range(count)]
        for actor in actors:
            endpoint_of(actor.account)
        contracts = [draft(actor, type="payment_request") for actor in actors]
        clock.move_to(max(contract.expires_at for contract in contracts))
        with CaptureQueriesContext(connection) as captured:
            services.invalidate_due(now=timezone.now())
        return len(captured)

    assert statements(20) == statements(2)
    assert WebhookDelivery.objects.filter(type="contract.invalid").count() == 22


def refund(order: Order) -> None:
    """What an import does with an order that was refunded."""
    order.refund(at=timezone.now())
    order.save()
    publish_order_events({order.pk: EventType.ORDER_REFUNDED})
    run_orders_ended_handlers([order.pk], now=timezone.now())


def test_every_body_is_as_the_schema_describes_it(actor, clock):
    described = json.loads((settings.BASE_DIR / "docs" / "openapi.json").read_text())
    services.approve_void(ticket=services.request_void(contract=official(actor), reason="x", by=actor), by=staff())
    services.request_void(contract=official(actor, type="payment_request"), reason="x", by=actor)
    clock.shift(timedelta(days=8))
    tasks.settle_all()
    actor.own_account.approval_required_from = {"CNY": "0"}
    actor.own_account.save()
    services.withdraw_approval(approval=services.request_approval(contract=draft(actor), by=actor), by=actor)
    actor.own_account.approval_required_from = {}
    actor.own_account.save()
    order = OrderFactory(account=actor.own_account)
    record_payment(order=order, paid_at=order.ordered_at, by=staff())
    refund(Order.objects.get(number=official(actor).order_numbers[0]))
    send_test_event(endpoint=actor.own_account.webhook_endpoints.get(), by=actor)

    bodies = {delivery.type: json.loads(delivery.body) for delivery in deliveries()}
    assert set(bodies) == set(described["webhooks"]) == {*EVENT_TYPES, WebhookDelivery.TEST}
    for type_, body in bodies.items():
        message = described["webhooks"][type_]["post"]["requestBody"]["content"]["application/json"]["schema"]
        Draft202012Validator({**message, "components": described["components"]}).validate(body)
        schemas = described["components"]["schemas"]
        shape = schemas[message["$ref"].rsplit("/", 1)[1]]
        data = schemas[shape["properties"]["data"]["$ref"].rsplit("/", 1)[1]]
        assert set(body) == set(shape["properties"])
        assert set(body["data"]) == set(data["properties"])
