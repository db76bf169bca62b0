"""An unpaid order paid from the account's balance, in full or not at all."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connections
from django.utils import timezone

from billing.ledger import get_balance
from billing.models import LedgerEntry
from common.errors import Refused
from orders.models import Order
from orders.services import cancel_unpaid, pay_from_balance
from tests.factories import OrderFactory, PaidOrderFactory, draft, member

pytestmark = pytest.mark.django_db


@pytest.fixture
def actor():
    return member()


def credit(account, amount):
    LedgerEntry.objects.create(account=account, amount=amount, booked_at=timezone.now())


def code_of(call, **kwargs):
    with pytest.raises(Refused) as caught:
        call(**kwargs)
    return caught.value.code


@pytest.mark.rule("R33")
def test_the_order_is_paid_and_the_ledger_says_for_which(actor):
    credit(actor.account, "2000.00")
    order = pay_from_balance(order=OrderFactory(account=actor.account), by=actor)
    assert order.status == "paid"
    assert order.paid_at is not None
    assert get_balance(actor.account) == Decimal("919.50")
    assert LedgerEntry.objects.get(order_number=order.number).amount == -order.payable_amount


@pytest.mark.rule("R33")
@pytest.mark.parametrize(("balance", "currency"), [("1080.49", "CNY"), ("9999.00", "USD")])
def test_a_balance_that_does_not_cover_it_pays_nothing(actor, balance, currency):
    credit(actor.account, balance)
    order = OrderFactory(account=actor.account, currency=currency)
    assert code_of(pay_from_balance, order=order, by=actor) == "insufficient_balance"
    assert Order.objects.get(pk=order.pk).status == "unpaid"
    assert get_balance(actor.account) == Decimal(balance)


@pytest.mark.rule("R10")
def test_after_the_deadline_it_cannot_be_paid_whatever_the_clock_has_done(actor):
    credit(actor.account, "5000.00")
    order = OrderFactory(account=actor.account, ordered_at=timezone.now() - timedelta(days=8))
    assert code_of(pay_from_balance, order=order, by=actor) == "payment_deadline_passed"
    order.cancel(at=order.payment_deadline)
    order.save()
    assert code_of(pay_from_balance, order=order, by=actor) == "payment_deadline_passed"


def test_a_paid_order_is_not_paid_again(actor):
    credit(actor.account, "5000.00")
    order = PaidOrderFactory(account=actor.account)
    assert code_of(pay_from_balance, order=order, by=actor) == "transition_not_allowed"


def test_a_free_order_moves_no_money(actor):
    order = OrderFactory(account=actor.account, payable_amount=0)
    assert pay_from_balance(order=order, by=actor).status == "paid"
    assert not LedgerEntry.objects.exists()


@pytest.mark.rule("R26")
def test_only_those_who_may_act_and_only_their_own_orders(actor):
    order = OrderFactory(account=actor.account)
    viewer = member("viewer", actor.account)
    for call in (pay_from_balance, cancel_unpaid):
        assert code_of(call, order=order, by=viewer) == "permission_denied"
        with pytest.raises(Order.DoesNotExist):
            call(order=order, by=member())


@pytest.mark.rule("R20")
def test_cancelling_an_order_ends_the_payment_request_that_holds_it(issuer, actor):
    from contracts.models import Contract

    contract = draft(actor, type="payment_request")
    order = cancel_unpaid(order=contract.lines.get().order, by=actor)
    assert order.status == "cancelled"
    shown = Contract.objects.with_status_at(timezone.now()).get(pk=contract.pk)
    assert (shown.status_at, shown.invalid_since) == ("invalid", order.cancelled_at)
    assert code_of(cancel_unpaid, order=order, by=actor) == "transition_not_allowed"


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_orders_paid_at_once_do_not_overdraw_the_balance(actor):
    credit(actor.account, "1500.00")
    outcomes = []

    def pay(order):
        try:
            outcomes.append(pay_from_balance(order=order, by=actor).status)
        except Refused as refused:
            outcomes.append(refused.code)
        finally:
            connections.close_all()

    orders = [OrderFactory(account=actor.account) for _ in range(6)]
    threads = [threading.Thread(target=pay, args=[order]) for order in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["insufficient_balance"] * 5 + ["paid"]
    assert get_balance(actor.account) == Decimal("419.50")


@pytest.mark.rule("R10")
def test_at_the_very_deadline_it_is_cancelled_and_not_paid(actor, clock):
    credit(actor.account, "5000.00")
    order = OrderFactory(account=actor.account)
    clock.move_to(order.payment_deadline)
    assert code_of(pay_from_balance, order=order, by=actor) == "payment_deadline_passed"
    clock.shift(timedelta(seconds=-1))
    assert pay_from_balance(order=order, by=actor).status == "paid"


@pytest.mark.rule("R10")
def test_cancelling_after_the_deadline_says_that_it_is_cancelled_whatever_the_clock_has_done(actor, clock):
    order = OrderFactory(account=actor.account)
    clock.move_to(order.payment_deadline)
    with pytest.raises(Refused, match=f"Order {order.number} is already cancelled") as refused:
        cancel_unpaid(order=order, by=actor)
    assert refused.value.code == "transition_not_allowed"
