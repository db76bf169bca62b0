"""Order numbers of any order system: stored and reached on pages and by API, or refused by name at the door."""

from urllib.parse import quote

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError
from django.test import Client

from accounts.models import ApiToken
from contracts.services import apply_for_contract
from orders.models import Order, Product
from tests import factories
from tests.conftest import Api
from tests.orders.sheets import UNPAID, run, sheet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
STORED = ["SO/1", "#1001", "订单2026-1", "SO/2026/0001", "a.b_c-d", "S#1/x.y"]
RESERVED = ["import", "IMPORT", "SO/pay", "a/cancel/b", "x/balance"]
REFUSED = [*RESERVED, "SO//1", "SO/", "a/../b", "a/.", "-1", "/1", "a b", "ä", "1?", "%2F"]


@pytest.fixture
def visit(membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    return client


@pytest.fixture
def feed(issuer) -> Api:
    """The API as an integrator calls it."""
    api, user = Api(), factories.UserFactory()
    user.user_permissions.add(Permission.objects.get(codename="integrate"))
    api.client.defaults["HTTP_AUTHORIZATION"] = f"Token {ApiToken.for_integrator(user)[1]}"
    return api


def told(membership, number: str) -> dict[str, str]:
    """An unpaid order of the account, as the order system feeds it."""
    return UNPAID | {"number": number, "account": membership.account.number}


@pytest.mark.parametrize("number", STORED)
def test_it_is_fed_listed_opened_paid_and_contracted(feed, visit, membership, number):
    order = told(membership, number=number)
    address = f"orders/{quote(number, safe='')}/"

    assert feed.client.put(f"/api/v1/{address}", order, content_type="application/json").status_code == 201
    assert feed.post("orders/import/", {"orders": [order]}).json()["results"][0]["outcome"] == "unchanged"

    assert feed.get(address).json()["number"] == number
    assert feed.get(f"orders/{quote(number)}/").json()["number"] == number
    text = visit.get("/orders/", {"q": number}).text
    for path in ("", "pay/", "pay/balance/", "cancel/"):
        link = f"/orders/{quote(number)}/{path}"
        assert visit.get(link).context["row"].order.number == number
        assert path not in ("", "pay/") or link in text
    Product.objects.update(supports_contracts=True)
    picker = visit.get("/contracts/apply/payment-request/", {"order": number})
    assert [row.order.number for row in picker.context["rows"] if row.selected] == [number]
    assert visit.post(f"/orders/{quote(number)}/cancel/").status_code == 302
    assert Order.objects.get().status == "cancelled"


def test_a_document_prints_it(membership, visit):
    order = factories.PaidOrderFactory(account=membership.account, number="#订单/1")
    actor = factories.member(account=membership.account)
    contract = apply_for_contract(type="order", order_numbers=[order.number], by=actor)
    assert contract.order_numbers == ["#订单/1"]
    assert "#订单/1" in visit.get("/contracts/").text


@pytest.mark.parametrize("number", REFUSED)
def test_it_is_refused_by_name(feed, membership, number):
    order = told(membership, number=number)

    [result] = feed.post("orders/import/", {"orders": [order]}).json()["results"]

    assert result["outcome"] == "failed"
    assert [error["pointer"] for error in result["errors"]] == ["/orders/0/number"]
    assert repr(number) in result["errors"][0]["detail"]
    assert not Order.objects.exists()


@pytest.mark.parametrize("number", ["SO/pay/1", "a b", "ä", "-1", "SO/../1"])
def test_its_address_refuses_it_by_name(feed, membership, number):
    order = told(membership, number=number)
    answer = feed.client.put(f"/api/v1/orders/{quote(number, safe='')}/", order, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/number"


def test_a_file_refuses_it_by_name(tmp_path, membership, capsys):
    with pytest.raises(CommandError):
        run(sheet(tmp_path, told(membership, "import")))
    assert "'import'" in capsys.readouterr().err
