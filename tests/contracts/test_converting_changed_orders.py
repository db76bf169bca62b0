"""Converting a draft whose orders, or whose account's certification, changed since it was drafted (R22)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.models import Account
from common.errors import Refused
from contracts import sealing
from contracts.models import Contract
from contracts.services import apply_for_contract, convert_to_official
from orders.models import Order
from tests.factories import PaidOrderFactory, draft, member

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R22")]

CHANGES = {
    "amount": {"payable_amount": Decimal("1000.00")},
    "list amount": {"list_amount": Decimal("1300.00")},
    "currency": {"currency": "USD"},
    "quantity": {"quantity": 3},
    "tax": {"tax_rate": Decimal(0), "tax_amount": Decimal(0)},
    "service period": {"service_end": "later"},
}


@pytest.fixture
def actor(issuer, clock):
    return member()


def refused(contract, actor) -> Refused:
    with pytest.raises(Refused) as caught:
        convert_to_official(contract=contract, by=actor)
    assert Contract.objects.get(pk=contract.pk).status == "draft"
    return caught.value


def change(order: Order, fields: dict) -> None:
    for name, value in fields.items():
        setattr(order, name, order.service_end + timedelta(days=30) if value == "later" else value)
    order.save()


@pytest.mark.parametrize("fact", CHANGES)
def test_a_changed_fact_refuses_and_names_order_and_fact(actor, fact):
    contract = draft(actor, count=2)
    order = contract.lines.last().order
    change(order, CHANGES[fact])
    error = refused(contract, actor)
    assert (error.code, error.status) == ("order_changed", 409)
    assert {fault.pointer for fault in error.faults} == {"/order_numbers/1"}
    assert all(order.number in fault.detail for fault in error.faults)
    assert any(f"The {fact} of order" in fault.detail for fault in error.faults)


def test_a_changed_amount_is_named_before_and_after(actor):
    contract = draft(actor, type="payment_request")
    change(contract.lines.get().order, {"payable_amount": Decimal("1000.00")})
    [fault] = refused(contract, actor).faults
    assert "CNY 1,080.50" in fault.detail
    assert "CNY 1,000.00" in fault.detail


def test_a_service_period_that_came_or_went_is_a_change(actor):
    order = PaidOrderFactory(account=actor.account, service_start=None, service_end=None)
    contract = apply_for_contract(type="order", order_numbers=[order.number], by=actor)
    change(order, {"service_start": order.paid_at, "service_end": order.paid_at + timedelta(days=30)})
    assert "The service period" in refused(contract, actor).detail


def test_every_changed_fact_has_a_fault(actor):
    contract = draft(actor)
    change(contract.lines.get().order, CHANGES["amount"] | CHANGES["quantity"])
    assert len(refused(contract, actor).faults) == 2


def test_orders_that_were_saved_again_unchanged_convert(actor):
    contract = draft(actor, count=2)
    for line in contract.lines.all():
        line.order.save()
    assert convert_to_official(contract=contract, by=actor).status == "official"


def test_facts_are_checked_again_after_sealing(actor, monkeypatch):
    contract = draft(actor)
    seal = sealing.seal

    def change_while_sealing(*args, **kwargs):
        change(contract.lines.get().order, CHANGES["amount"])
        return seal(*args, **kwargs)

    monkeypatch.setattr(sealing, "seal", change_while_sealing)
    assert refused(contract, actor).code == "order_changed"


def test_a_withdrawn_certification_refuses(actor):
    contract = draft(actor)
    Account.objects.filter(pk=actor.account.pk).update(certification="none", certified_name="")
    error = refused(contract, actor)
    assert (error.code, error.status) == ("account_not_certified", 403)


def test_another_certified_name_refuses_and_names_both(actor):
    contract = draft(actor)
    before = actor.account.certified_name
    Account.objects.filter(pk=actor.account.pk).update(certified_name="上海新名有限公司")
    error = refused(contract, actor)
    assert (error.code, error.faults[0].pointer) == ("order_changed", "/party_a/name")
    assert before in error.detail
    assert "上海新名有限公司" in error.detail


def test_the_api_answers_with_the_code_and_every_pointer(api, membership, clock):
    order = PaidOrderFactory(account=membership.account)
    number = api.apply("order", order).json()["number"]
    change(order, CHANGES["quantity"])
    answer = api.post(f"contracts/{number}/convert/")
    assert (answer.status_code, answer.json()["code"]) == (409, "order_changed")
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/order_numbers/0"]
    Account.objects.update(certification="none", certified_name="")
    answer = api.post(f"contracts/{number}/convert/")
    assert (answer.status_code, answer.json()["code"]) == (403, "account_not_certified")


@pytest.mark.rule("R35")
def test_a_changed_unit_or_tax_is_named_before_and_after(actor):
    tax = {"tax_rate": Decimal(13), "tax_amount": Decimal("124.31")}
    order = PaidOrderFactory(account=actor.account, unit="GB", **tax)
    contract = apply_for_contract(type="order", order_numbers=[order.number], by=actor)
    change(order, {"unit": "TB", "tax_rate": Decimal(6), "tax_amount": Decimal("61.16")})
    details = [fault.detail for fault in refused(contract, actor).faults]
    assert any("1 GB when" in detail and "1 TB now" in detail for detail in details)
    assert any("CNY 124.31 (13%) when" in detail and "CNY 61.16 (6%) now" in detail for detail in details)


def test_a_changed_cost_centre_changes_nothing(actor):
    contract = draft(actor)
    change(contract.lines.get().order, {"cost_center": "R&D", "external_id": "1", "metadata": {"a": "b"}})
    assert convert_to_official(contract=contract, by=actor).status == "official"
