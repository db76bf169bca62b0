"""An order that was contracted outside the system enters no contract here."""

import pytest

from common.errors import Refused
from contracts.services import apply_for_contract, convert_to_official
from orders.models import Order
from tests.api.conformance import problem
from tests.factories import AccountFactory, PaidOrderFactory, ProductFactory, draft, member
from tests.orders.sheets import PAID, run, sheet

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R6"), pytest.mark.usefixtures("clock", "issuer")]


def test_such_an_order_is_refused_with_its_reference(api, membership):
    order = PaidOrderFactory(account=membership.account, contracted_elsewhere="PAPER-7")
    answer = api.post("contracts/", {"type": "order", "order_numbers": [order.number]})
    [fault] = problem(answer, 409, "contracted_elsewhere")["errors"]
    assert fault["pointer"] == "/order_numbers/0"
    assert "PAPER-7" in fault["detail"]


def test_it_is_listed_with_the_reason_unless_only_eligible_ones_are_asked_for(api, membership):
    order = PaidOrderFactory(account=membership.account, contracted_elsewhere="PAPER-7")
    free = PaidOrderFactory(account=membership.account)
    rows = {row["number"]: row for row in api.get("orders/", {"eligible_for": "order"}).json()["results"]}
    assert rows[order.number]["reason"]["code"] == "contracted_elsewhere"
    assert rows[order.number]["contracted_elsewhere"] == "PAPER-7"
    only = api.get("orders/", {"eligible_for": "order", "eligible": "true"}).json()["results"]
    assert [row["number"] for row in only] == [free.number]


def test_a_draft_over_an_order_that_got_the_mark_since_is_not_converted():
    actor = member()
    contract = draft(actor)
    Order.objects.update(contracted_elsewhere="PAPER-7")
    with pytest.raises(Refused) as refused:
        convert_to_official(contract=contract, by=actor)
    assert refused.value.code == "order_changed"


def test_the_order_system_sets_and_clears_the_mark(integrator, order_json, membership):
    marked = order_json | {"contracted_elsewhere": "PAPER-7"}
    path = f"orders/{order_json['number']}/"
    assert integrator.put(path, marked).json()["contracted_elsewhere"] == "PAPER-7"
    assert integrator.put(path, order_json).json()["contracted_elsewhere"] == "PAPER-7"
    assert integrator.put(path, order_json | {"contracted_elsewhere": ""}).json()["contracted_elsewhere"] == ""


def test_many_are_marked_by_a_file(tmp_path):
    AccountFactory(number=PAID["account"])
    ProductFactory(code=PAID["product_code"], supports_contracts=True)
    run(sheet(tmp_path, PAID | {"contracted_elsewhere": "PAPER-7"}, columns=[*PAID, "contracted_elsewhere"]))
    order = Order.objects.get()
    with pytest.raises(Refused) as refused:
        apply_for_contract(type="order", order_numbers=[order.number], by=member("owner", order.account))
    assert refused.value.code in ("contracted_elsewhere", "account_not_certified")
