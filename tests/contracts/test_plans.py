"""How PostgreSQL answers the lists of an account with thousands of orders: by an index, row by row that is shown."""

import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import ApiToken
from orders.models import Order
from tests import factories

COUNT = 4000
MOST_LOOKED_AT = 700
"""Rows, for a page of fifty with what belongs to each of them."""
pytestmark = pytest.mark.postgresql


@pytest.fixture
def orders(membership) -> list[Order]:
    """Paid ones of the past year and a half, of an account that is one of two."""
    product = factories.ProductFactory()
    accounts = [membership.account, factories.AccountFactory()]
    now = timezone.now()
    made = [
        factories.PaidOrderFactory.build(
            account=accounts[i % 2], product=product, ordered_at=now - timedelta(hours=1 + 3 * i)
        )
        for i in range(COUNT)
    ]
    for order in made:
        order.set_deadline()
    Order.objects.bulk_create(made)
    Order.objects.filter(number=made[-2].number).update(status="refunded", refunded_at=now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE orders_order")
    return made


@pytest.fixture
def visit(membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    return client


def looked_at(ask) -> int:
    """Rows of tables and indexes that answering looks at, by the plans of its statements."""
    with CaptureQueriesContext(connection) as captured:
        assert ask().status_code == 200
    rows = 0
    for query in [query["sql"] for query in captured if query["sql"].startswith("SELECT")]:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}")
            plan = cursor.fetchone()[0]
        nodes = [(json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]]
        while nodes:
            node = nodes.pop()
            nodes += node.get("Plans", [])
            if "Scan" in node["Node Type"]:
                rows += (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
    return rows


@pytest.mark.parametrize("days", ["", "&since=&until="])
def test_the_picker_with_a_selection(visit, orders, days, monkeypatch):
    monkeypatch.setattr("contracts.views.picker_filters.MAX_SELECTED", 50)  # the number of results that are counted
    old = orders[2000].number
    assert looked_at(lambda: visit.get(f"/contracts/apply/order/?order={old}{days}")) < MOST_LOOKED_AT


@pytest.mark.parametrize("status", ["paid", "unpaid", "refunded"])
def test_orders_by_status(visit, api, orders, status):
    assert looked_at(lambda: visit.get(f"/orders/?status={status}")) < MOST_LOOKED_AT
    assert looked_at(lambda: api.get(f"orders/?status={status}")) < MOST_LOOKED_AT


def test_a_product_that_is_none_is_not_looked_for_in_all_orders(visit, api, orders):
    assert looked_at(lambda: visit.get("/contracts/apply/order/?since=&until=&product=nothing")) < MOST_LOOKED_AT
    assert looked_at(lambda: api.get("orders/?product=nothing")) < MOST_LOOKED_AT


def test_what_integrators_may_contract_of_all_accounts(api, orders):
    user = factories.UserFactory()
    user.user_permissions.add(Permission.objects.get(codename="integrate"))
    api.client.defaults["HTTP_AUTHORIZATION"] = f"Token {ApiToken.for_integrator(user)[1]}"
    assert looked_at(lambda: api.get("orders/?eligible_for=order")) < MOST_LOOKED_AT


@pytest.mark.parametrize("typed", ["{number}", "{lower}", "{number}-", "nothing"])
def test_an_order_number_is_looked_up_by_its_index(visit, api, orders, typed):
    number = orders[2000].number
    typed = typed.format(number=number, lower=number.lower())
    assert looked_at(lambda: api.get("contracts/", {"order": typed})) < MOST_LOOKED_AT
    assert looked_at(lambda: visit.get("/contracts/apply/order/", {"product": typed})) < MOST_LOOKED_AT
    if typed != "nothing":
        assert looked_at(lambda: visit.get("/orders/", {"q": typed})) < MOST_LOOKED_AT
