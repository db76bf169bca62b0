"""Whose things are shown to whom by the API, and who may only look (R26)."""

import pytest

from accounts.models import ApiToken
from tests.api.conformance import problem
from tests.conftest import Api
from tests.factories import MembershipFactory, OrderFactory, PaidOrderFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R26")]


def test_another_accounts_things_are_not_found(api, account, issuer):
    mine = api.apply("order", PaidOrderFactory(account=account)).json()
    stranger = Api(MembershipFactory())
    number = mine["number"]
    assert stranger.get("contracts/").json()["results"] == stranger.get("orders/").json()["results"] == []
    for path in ("", "document/", "data/", "void-tickets/"):
        problem(stranger.get(f"contracts/{number}/{path}"), 404, "not_found")
    for path in ("convert/", "void/", "void-tickets/"):
        problem(stranger.post(f"contracts/{number}/{path}"), 404, "not_found")
    problem(stranger.patch(f"contracts/{number}/", {"remarks": "mine"}), 404, "not_found")
    problem(stranger.get(f"orders/{mine['order_numbers'][0]}/"), 404, "not_found")


def test_viewers_read_and_change_nothing(api, account):
    number = api.apply("order", PaidOrderFactory(account=account)).json()["number"]
    viewer = Api(MembershipFactory(account=account, role="viewer"))
    assert viewer.get(f"contracts/{number}/").json()["actions"] == ["preview", "download"]
    assert viewer.get(f"contracts/{number}/document/").status_code == 200
    problem(viewer.apply("order", PaidOrderFactory(account=account)), 403, "permission_denied")
    for path in ("convert/", "void/"):
        problem(viewer.post(f"contracts/{number}/{path}"), 403, "permission_denied")
    problem(viewer.post(f"contracts/{number}/void-tickets/", {"reason": "x"}), 403, "permission_denied")
    problem(viewer.patch(f"contracts/{number}/", {"remarks": "mine"}), 403, "permission_denied")


def test_integrators_read_the_orders_of_all_and_nothing_else(integrator, issuer):
    orders = [OrderFactory(), OrderFactory()]
    assert {row["number"] for row in integrator.get("orders/").json()["results"]} == {o.number for o in orders}
    for path in ("contracts/", "account/"):
        problem(integrator.get(path), 403, "permission_denied")


def test_a_token_without_account_or_right_sees_nothing(db):
    nobody = Api()
    nobody.client.defaults["HTTP_AUTHORIZATION"] = f"Token {ApiToken.for_integrator(UserFactory())[1]}"
    for path in ("orders/", "contracts/", "account/"):
        problem(nobody.get(path), 403, "permission_denied")
