"""The number of SQL statements does not grow with the number of orders."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.access.actors import actor_of
from contracts.services import apply_for_contract
from tests.factories import OrderFactory, PaidOrderFactory, ProductFactory, draft, member
from webhooks.endpoints import create_endpoint

pytestmark = pytest.mark.django_db
MOST_TO_APPLY = 17
"""Two of them are the transaction."""
MOST_TO_LIST = 8


@pytest.mark.parametrize(("type_", "make"), [("order", PaidOrderFactory), ("payment_request", OrderFactory)])
@pytest.mark.parametrize("heard", [False, True])
def test_applying_takes_as_many_for_200_orders_as_for_one(issuer, settings, type_, make, heard):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    actor = member()
    for i in range(3 if heard else 0):
        create_endpoint(url=f"https://127.0.0.1:9/{i}", by=actor)
    product = ProductFactory()
    numbers = [make(account=actor.account, product=product).number for _ in range(201)]
    details = {"phone": "+86 10 1234"}

    def statements(chosen):
        with CaptureQueriesContext(connection) as captured:
            apply_for_contract(type=type_, order_numbers=chosen, party_a=details, by=actor)
        return [query["sql"] for query in captured]

    one, many = statements(numbers[:1]), statements(numbers[1:])
    assert len(one) == len(many) <= MOST_TO_APPLY, "\n".join(sql[:160] for sql in many)


def test_the_api_list_takes_as_many_for_20_contracts_as_for_two(api, membership):
    actor = actor_of(membership, "api")

    def statements():
        with CaptureQueriesContext(connection) as captured:
            assert api.get("contracts/").status_code == 200
        return len(captured)

    draft(actor, count=3)
    draft(actor)
    statements()  # takes down that the token was used, once a minute
    two = statements()
    for _ in range(18):
        draft(actor)
    assert statements() == two <= MOST_TO_LIST


def test_the_api_order_list_takes_as_many_for_40_orders_as_for_two(api, membership):
    def statements():
        with CaptureQueriesContext(connection) as captured:
            assert api.get("orders/", {"eligible_for": "order"}).status_code == 200
        return len(captured)

    [PaidOrderFactory(account=membership.account) for _ in range(2)]
    statements()  # as above
    two = statements()
    [PaidOrderFactory(account=membership.account) for _ in range(38)]
    assert statements() == two <= MOST_TO_LIST
