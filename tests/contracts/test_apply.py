"""Applying for a contract over the account's own orders."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from common.errors import Refused
from contracts.models import AuditEvent, Contract, ContractDocument, ContractOrder
from contracts.services import apply_for_contract
from tests.factories import OrderFactory, PaidOrderFactory, ProductFactory, member
from tests.tampering import guards_lifted

pytestmark = pytest.mark.django_db


@pytest.fixture
def actor(issuer):
    return member()


def paid(actor, count=1, **fields):
    return [PaidOrderFactory(account=actor.account, **fields) for _ in range(count)]


def unpaid(actor, count=1, **fields):
    return [OrderFactory(account=actor.account, **fields) for _ in range(count)]


def apply(actor, orders, type="order", **fields):  # noqa: A002
    return apply_for_contract(type=type, order_numbers=[order.number for order in orders], by=actor, **fields)


def refusal(actor, orders, type="order", **fields) -> Refused:  # noqa: A002
    """The refusal, after making sure that it left nothing behind."""
    numbers = [getattr(order, "number", order) for order in orders]
    before = (Contract.objects.count(), ContractOrder.objects.count(), AuditEvent.objects.count())
    with pytest.raises(Refused) as caught:
        apply_for_contract(type=type, order_numbers=numbers, by=actor, **fields)
    assert (Contract.objects.count(), ContractOrder.objects.count(), AuditEvent.objects.count()) == before
    return caught.value


@pytest.mark.rule("R1")
@pytest.mark.rule("R2")
@pytest.mark.parametrize(("type_", "make"), [("order", paid), ("payment_request", unpaid)])
def test_each_type_takes_its_orders_and_begins_as_a_draft(actor, type_, make):
    contract = apply(actor, make(actor, 3), type_)
    assert (contract.status, contract.type, contract.account) == ("draft", type_, actor.account)
    assert contract.order_count == contract.lines.count() == 3
    assert contract.documents.get().kind == ContractDocument.Kind.DRAFT


@pytest.mark.rule("R1")
@pytest.mark.parametrize(("type_", "make"), [("order", unpaid), ("payment_request", paid)])
def test_an_order_of_the_other_status_is_refused_by_name(actor, type_, make):
    [order] = make(actor)
    error = refusal(actor, [order], type_)
    assert (error.code, error.status) == ("order_wrong_status", 409)
    assert order.number in error.detail
    assert error.faults[0].pointer == "/order_numbers/0"


@pytest.mark.rule("R1")
def test_no_orders_and_more_than_200_are_refused(actor):
    assert refusal(actor, []).code == "no_orders"
    assert refusal(actor, [f"FO{n}" for n in range(201)]).code == "too_many_orders"
    assert refusal(actor, [f"FO{n}" for n in range(200)]).code == "order_not_found"  # 200 are not too many


@pytest.mark.rule("R1")
def test_the_database_refuses_a_contract_of_no_or_of_201_orders(actor):
    contract = apply(actor, paid(actor))
    for count in (0, 201):
        refused = pytest.raises(IntegrityError, match="contract_has_1_to_200_orders")
        with guards_lifted(), refused, transaction.atomic():
            Contract.objects.filter(pk=contract.pk).update(order_count=count)


def test_an_order_listed_twice_is_refused_at_its_second_place(actor):
    [order] = paid(actor)
    error = refusal(actor, [order, order])
    assert (error.code, [fault.pointer for fault in error.faults]) == ("invalid", ["/order_numbers/1"])


@pytest.mark.rule("R26")
def test_an_unknown_order_and_one_of_another_account_look_the_same(actor):
    foreign = PaidOrderFactory()
    error = refusal(actor, ["FO-NOT-THERE", foreign])
    assert [fault.code for fault in error.faults] == ["order_not_found", "order_not_found"]
    assert error.faults[1].detail == error.faults[0].detail.replace("FO-NOT-THERE", foreign.number)


@pytest.mark.rule("R1")
def test_orders_in_two_currencies_are_refused(actor):
    error = refusal(actor, paid(actor, currency="CNY") + paid(actor, currency="USD"))
    assert error.code == "mixed_currency"
    assert "CNY" in error.faults[0].detail
    assert "USD" in error.faults[1].detail


@pytest.mark.rule("R6")
def test_a_product_that_does_not_support_contracts_is_refused(actor):
    product = ProductFactory(supports_contracts=False, name="Spot market")
    error = refusal(actor, paid(actor, product=product))
    assert (error.code, error.status) == ("product_not_supported", 409)
    assert "Spot market" in error.detail


@pytest.mark.rule("R7")
def test_an_order_in_a_live_contract_is_refused_naming_the_contract(actor):
    orders = paid(actor, 2)
    holder = apply(actor, orders[:1])
    error = refusal(actor, orders)
    assert error.code == "order_in_live_contract"
    assert error.faults[0].blocked_by == holder.number
    assert len(error.faults) == 1


@pytest.mark.rule("R7")
def test_the_database_itself_refuses_a_second_live_contract(actor):
    orders = paid(actor, 2)
    line = apply(actor, orders[:1]).lines.get()
    other = apply(actor, orders[1:])
    with pytest.raises(IntegrityError), transaction.atomic():
        ContractOrder.objects.create(contract=other, order=line.order, snapshot={})


@pytest.mark.rule("R7")
def test_were_the_check_forgotten_the_database_would_still_refuse_and_keep_nothing(actor, monkeypatch):
    orders = paid(actor, 2)
    holder = apply(actor, orders[:1])
    monkeypatch.setattr("contracts.services.apply.settle_expired_contracts", lambda orders, *, now: {})
    with pytest.raises(IntegrityError), transaction.atomic():
        apply(actor, orders)
    assert [(line.contract, line.order) for line in ContractOrder.objects.all()] == [(holder, orders[0])]
    assert list(Contract.objects.all()) == [holder]


@pytest.mark.rule("R10")
@pytest.mark.parametrize("swept", [False, True], ids=["before the clock", "after the clock"])
def test_after_the_deadline_the_answer_is_the_same_whatever_the_clock_has_done(actor, swept):
    order = OrderFactory(account=actor.account, ordered_at=timezone.now() - timedelta(days=7, seconds=1))
    if swept:
        order.cancel(at=order.payment_deadline)
        order.save()
    assert refusal(actor, [order], "payment_request").code == "payment_deadline_passed"


@pytest.mark.rule("R16")
def test_the_number_is_unique_opaque_and_kept(actor):
    numbers = {apply(actor, paid(actor)).number for _ in range(5)}
    assert len(numbers) == 5
    assert all(number.startswith("EC") and len(number) == 14 for number in numbers)
    assert len({number[:6] for number in numbers}) == 5  # nothing counts up


@pytest.mark.rule("R33")
def test_the_total_is_the_sum_of_the_payable_amounts(actor):
    amounts = ["0.10", "0.20", "15160836.10"]
    orders = [PaidOrderFactory(account=actor.account, list_amount="20000000", payable_amount=a) for a in amounts]
    assert apply(actor, orders).total_amount == Decimal("15160836.40")


@pytest.mark.rule("R19")
def test_an_order_contract_is_valid_from_the_earliest_start_to_the_latest_end(actor):
    first, second = paid(actor, 2)
    second.service_start = first.service_start - timedelta(days=3)
    second.service_end = first.service_end + timedelta(days=5)
    second.save()
    contract = apply(actor, [first, second])
    assert (contract.valid_from, contract.valid_until) == (second.service_start, second.service_end)
    assert contract.expires_at is None


@pytest.mark.rule("R19")
def test_one_off_goods_have_no_valid_period(actor):
    contract = apply(actor, paid(actor, service_start=None, service_end=None))
    assert (contract.valid_from, contract.valid_until) == (None, None)


@pytest.mark.rule("R19")
@pytest.mark.rule("R20")
def test_a_payment_request_ends_at_the_earliest_deadline(actor):
    orders = unpaid(actor, 2)
    orders[1].ordered_at -= timedelta(days=2)
    orders[1].set_deadline()
    orders[1].save()
    contract = apply(actor, orders, "payment_request")
    assert contract.expires_at == contract.valid_until == orders[1].payment_deadline
    assert contract.valid_from is None  # not before it is official


def test_the_orders_keep_the_order_in_which_they_were_given(actor):
    orders = paid(actor, 3)
    contract = apply(actor, [orders[2], orders[0], orders[1]])
    assert contract.order_numbers == [orders[2].number, orders[0].number, orders[1].number]
    assert [line.snapshot["number"] for line in contract.lines.all()] == contract.order_numbers


def test_every_fault_is_named_not_only_the_first(actor):
    good, wrong = paid(actor)[0], unpaid(actor)[0]
    error = refusal(actor, [good, wrong, "FO-NOT-THERE"])
    assert [(fault.pointer, fault.code) for fault in error.faults] == [
        ("/order_numbers/1", "order_wrong_status"),
        ("/order_numbers/2", "order_not_found"),
    ]


def test_remarks_too_long_for_the_column_are_refused(actor):
    error = refusal(actor, paid(actor), remarks="x" * 201)
    assert (error.code, error.faults[0].pointer) == ("invalid", "/remarks")


def test_a_storage_that_cannot_be_written_leaves_nothing_behind(actor, settings, tmp_path):
    blocked = tmp_path / "a-file-not-a-folder"
    blocked.write_text("")
    storages = {**settings.STORAGES}
    storages["default"] = {**storages["default"], "OPTIONS": {"location": str(blocked)}}
    settings.STORAGES = storages
    error = refusal(actor, paid(actor))
    assert (error.code, error.status) == ("storage_unavailable", 503)
