"""An order system cancels, finds an account's orders, sees their contracts, and is told of all accounts."""

import json

import pytest
from django.contrib.auth.models import Permission

from accounts.access.actors import actor_of
from accounts.models import ApiToken
from contracts.services import convert_to_official, void_draft
from tests.api.conformance import problem
from tests.conftest import Api
from tests.factories import OrderFactory, PaidOrderFactory, UserFactory, draft, member
from tests.webhooks.receiving import deliveries
from webhooks.models import WebhookEndpoint

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "issuer")]
URL = "https://127.0.0.1:9/hooks"


@pytest.fixture(autouse=True)
def _private_addresses(settings):
    settings.WEBHOOK_ALLOW_PRIVATE = True


def with_scopes(*scopes: str) -> Api:
    user = UserFactory()
    user.user_permissions.add(*Permission.objects.filter(codename__in=("integrate", "integrate_contracts")))
    api = Api()
    api.client.defaults["HTTP_AUTHORIZATION"] = f"Token {ApiToken.for_integrator(user, scopes=scopes)[1]}"
    return api


@pytest.mark.rule("R26")
def test_it_cancels_unpaid_orders_of_all_accounts(integrator):
    order = OrderFactory()
    answer = integrator.post(f"orders/{order.number}/cancel/")
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    problem(integrator.post(f"orders/{order.number}/cancel/"), 409, "transition_not_allowed")
    problem(integrator.post(f"orders/{PaidOrderFactory().number}/cancel/"), 409, "transition_not_allowed")


def test_it_finds_the_orders_of_one_account(integrator, api):
    first, second = OrderFactory(number="AB-1234"), OrderFactory(number="AB-1299")
    numbers = integrator.get("orders/", {"account": first.account.number}).json()["results"]
    assert [row["number"] for row in numbers] == [first.number]
    found = integrator.get("orders/", {"account": second.account.number, "q": "b12"}).json()["results"]
    assert [row["number"] for row in found] == [second.number]
    answer = integrator.get("orders/", {"q": "b12"})
    assert problem(answer, 400, "invalid")["errors"][0]["pointer"] == "/q"
    assert api.get("orders/", {"account": first.account.number}).json()["results"] == []


def test_a_member_finds_orders_by_a_part_of_their_number(api, membership):
    order = OrderFactory(account=membership.account, number="AB-1234")
    OrderFactory(account=membership.account)
    assert [row["number"] for row in api.get("orders/", {"q": "ab12"}).json()["results"]] == [order.number]


def test_several_statuses(api, membership):
    unpaid, paid = OrderFactory(account=membership.account), PaidOrderFactory(account=membership.account)
    for statuses, numbers in (
        (["unpaid", "paid"], {unpaid.number, paid.number}),
        (["cancelled", "paid"], {paid.number}),
    ):
        rows = api.get("orders/", {"status": statuses}).json()["results"]
        assert {row["number"] for row in rows} == numbers
    draft(actor_of(membership, "api"))
    contract = draft(actor_of(membership, "api"))
    void_draft(contract=contract, by=actor_of(membership, "api"))
    assert len(api.get("contracts/", {"status": ["draft", "voided"]}).json()["results"]) == 2
    assert len(api.get("contracts/", {"status": ["official", "voided"]}).json()["results"]) == 1
    problem(api.get("contracts/", {"status": ["official", "gone"]}), 400, "invalid")
    problem(api.get("orders/", {"status": ["paid"] * 11}), 400, "invalid")


def test_eligible_needs_a_type(api):
    answer = api.get("orders/", {"eligible": "true"})
    assert problem(answer, 400, "invalid")["errors"][0]["pointer"] == "/eligible"


def test_an_order_shows_its_live_contract(integrator, membership):
    actor = actor_of(membership, "api")
    contract = draft(actor)
    path = f"orders/{contract.order_numbers[0]}/"
    facts = {"number": contract.number, "type": "order"}
    assert integrator.get(path).json()["contract"] == facts | {"status": "draft"}
    convert_to_official(contract=contract, by=actor)
    assert integrator.get("orders/").json()["results"][0]["contract"] == facts | {"status": "official"}
    other = draft(actor)
    void_draft(contract=other, by=actor)
    assert integrator.get(f"orders/{other.order_numbers[0]}/").json()["contract"] is None


@pytest.mark.rule("R26")
def test_its_endpoint_gets_what_its_scopes_allow_of_all_accounts(membership):
    orders, both = with_scopes("orders"), with_scopes("orders", "contracts")
    for api in (orders, both):
        assert api.post("webhooks/", {"url": URL}).status_code == 201
    contract = draft(member())
    order = OrderFactory()
    orders.post(f"orders/{order.number}/cancel/")
    by_scopes = {endpoint.scopes: endpoint for endpoint in WebhookEndpoint.objects.all()}
    assert by_scopes.keys() == {"orders", "contracts orders"}
    told = {
        scopes: [delivery.type for delivery in deliveries(endpoint=endpoint)] for scopes, endpoint in by_scopes.items()
    }
    assert told == {"orders": ["order.cancelled"], "contracts orders": ["contract.drafted", "order.cancelled"]}
    bodies = [
        json.loads(delivery.body)["data"]["account"] for delivery in deliveries(endpoint=by_scopes["contracts orders"])
    ]
    assert bodies == [contract.account.number, order.account.number]


def test_it_subscribes_only_to_events_of_its_scopes():
    orders = with_scopes("orders")
    problem(orders.post("webhooks/", {"url": URL, "event_types": ["contract.drafted"]}), 400, "invalid")
    answer = orders.post("webhooks/", {"url": URL, "event_types": ["order.paid"]})
    assert answer.json()["event_types"] == ["order.paid"]


@pytest.mark.rule("R26")
def test_members_and_integrators_with_other_scopes_see_nothing_of_it(api):
    orders = with_scopes("orders")
    id_ = orders.post("webhooks/", {"url": URL}).json()["id"]
    for other in (api, with_scopes("contracts"), with_scopes("orders", "contracts")):
        problem(other.get(f"webhooks/{id_}/"), 404, "not_found")
        problem(other.client.delete(f"/api/v1/webhooks/{id_}/"), 404, "not_found")
        assert other.get("webhooks/").json()["results"] == []
    assert with_scopes("orders").get(f"webhooks/{id_}/").status_code == 200


def test_it_tests_rotates_and_deletes_its_endpoint():
    orders = with_scopes("orders")
    id_ = orders.post("webhooks/", {"url": URL}).json()["id"]
    assert orders.post(f"webhooks/{id_}/test/").status_code == 202
    [test] = deliveries()
    assert json.loads(test.body)["data"] == {"account": None, "test": False, "endpoint": id_}
    assert orders.post(f"webhooks/{id_}/rotate-secret/").json()["secret"]
    assert orders.post(f"webhooks/{id_}/deliveries/{test.pk}/redeliver/").status_code == 202
    assert orders.client.delete(f"/api/v1/webhooks/{id_}/").status_code == 204
