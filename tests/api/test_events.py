"""My program keeps a copy by reading events in order."""

import json
from datetime import timedelta

import pytest

from accounts.access.actors import actor_of
from contracts import services
from orders.services import cancel_unpaid
from tests.api.conformance import problem
from tests.conftest import Api
from tests.factories import MembershipFactory, OrderFactory, draft, member
from tests.webhooks.receiving import deliveries, endpoint_of
from webhooks.feed import NUMBERED_AT_ONCE, number_events
from webhooks.models import FeedEvent, FeedState
from webhooks.retention import EVENT_RETENTION, delete_old_events

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "issuer")]


@pytest.fixture
def actor(membership):
    return actor_of(membership, "api")


def read(api, **parameters) -> dict:
    answer = api.get("events/", parameters)
    assert answer.status_code == 200, answer.content
    return answer.json()


def types(page: dict) -> list[str]:
    return [event["type"] for event in page["results"]]


def test_events_are_read_oldest_first(api, actor):
    contract = draft(actor)
    services.convert_to_official(contract=contract, by=actor)
    page = read(api)
    assert types(page) == ["contract.drafted", "contract.official"]
    assert page["next"] is None
    ids = [event["id"] for event in page["results"]]
    assert ids == sorted(ids)
    assert page["last_id"] == ids[-1]
    services.request_void(contract=contract, reason="twice", by=actor)
    assert types(read(api, after=ids[-1])) == ["void_ticket.opened"]
    assert types(read(api, after=0)) == ["contract.drafted", "contract.official", "void_ticket.opened"]


def test_pages_follow_each_other(api, actor):
    for _ in range(5):
        draft(actor)
    whole = [event["id"] for event in read(api)["results"]]
    seen, address = [], "/api/v1/events/?page_size=2"
    while address:
        page = api.client.get(address).json()
        seen += [event["id"] for event in page["results"]]
        address = page["next"]
    assert seen == whole
    assert len(whole) == 5


def test_an_event_is_the_message_that_an_endpoint_gets(api, actor):
    endpoint_of(actor.account)
    services.void_draft(contract=draft(actor), by=actor)
    for event, delivery in zip(read(api)["results"], deliveries(), strict=True):
        del event["id"]
        assert event.pop("webhook_id") == delivery.event_id
        assert event == json.loads(delivery.body)


@pytest.mark.rule("R26")
def test_members_read_the_events_of_their_account(api, actor):
    own = draft(actor)
    draft(member())
    assert [event["data"]["contract"]["number"] for event in read(api)["results"]] == [own.number]
    viewer = Api(MembershipFactory(account=actor.account, role="viewer"))
    assert len(read(viewer)["results"]) == 1


@pytest.mark.rule("R26")
def test_integrators_read_what_their_scopes_allow_of_all_accounts(integrator, actor):
    draft(actor)
    for account in (actor.account, member().account):
        order = OrderFactory(account=account)
        cancel_unpaid(order=order, by=member("owner", account))
    assert types(read(integrator)) == ["order.cancelled"] * 2


def test_before_anything_happened(api):
    assert read(api) == {"results": [], "next": None, "last_id": 0}


@pytest.mark.parametrize("after", ["x", "-1", "1.5", str(2**63)])
def test_an_id_that_is_none(api, after):
    assert problem(api.get("events/", {"after": after}), 400, "invalid")["errors"][0]["pointer"] == "/after"


def test_an_id_that_was_never_given(api, actor):
    draft(actor)
    last = read(api)["last_id"]
    assert read(api, after=last)["results"] == []
    problem(api.get("events/", {"after": last + 1}), 400, "invalid")


def test_events_are_deleted_after_30_days_and_a_reader_who_missed_them_is_told(api, actor, clock):
    services.void_draft(contract=draft(actor), by=actor)
    first, second = (event["id"] for event in read(api)["results"])
    clock.shift(EVENT_RETENTION + timedelta(seconds=1))
    draft(actor)
    assert delete_old_events(now=FeedEvent.objects.latest("pk").created_at) == 2

    problem(api.get("events/", {"after": first}), 410, "events_expired")
    assert types(read(api, after=second)) == ["contract.drafted"]
    assert types(read(api)) == ["contract.drafted"]


def test_ids_are_not_given_again_once_all_events_are_deleted(api, actor, clock):
    draft(actor)
    last = read(api)["last_id"]
    clock.shift(EVENT_RETENTION + timedelta(seconds=1))
    delete_old_events(now=FeedEvent.objects.get().created_at + EVENT_RETENTION + timedelta(seconds=1))
    assert read(api, after=last) == {"results": [], "next": None, "last_id": last}
    draft(actor)
    [event] = read(api, after=last)["results"]
    assert event["id"] > last


def test_many_events_that_nobody_read_are_numbered_in_batches(actor):
    account = actor.account
    rows = [
        FeedEvent(
            account=account, event_id=f"msg_{i}", type="order.cancelled", body="{}", created_at=account.created_at
        )
        for i in range(2 * NUMBERED_AT_ONCE + 1)
    ]
    FeedEvent.objects.bulk_create(rows)
    assert not number_events(batches=2)
    assert number_events(batches=1)
    numbers = list(FeedEvent.objects.order_by("pk").values_list("number", flat=True))
    assert numbers == sorted(set(numbers))
    assert FeedState.objects.get().last_number == numbers[-1]
