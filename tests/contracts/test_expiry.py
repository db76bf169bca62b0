"""Payment request contracts end by themselves, whatever the background clock does."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from contracts.models import Contract
from contracts.services import apply_for_contract, convert_to_official, invalidate_due, request_void
from contracts.tasks import settle_due
from orders.models import Order
from tests.factories import OrderFactory, draft, member, official

pytestmark = pytest.mark.django_db


@pytest.fixture
def actor(issuer, clock):
    return member()


def shown(contract):
    seen = Contract.objects.with_status_at(timezone.now()).get(pk=contract.pk)
    return seen.status_at, seen.invalid_since


@pytest.mark.rule("R20")
@pytest.mark.parametrize("make", [draft, official])
def test_at_the_earliest_deadline_it_becomes_invalid_and_releases_its_orders(actor, clock, make):
    contract = make(actor, type="payment_request", count=2)
    clock.move_to(contract.expires_at - timedelta(seconds=1))
    assert invalidate_due(now=timezone.now()) == 0
    clock.move_to(contract.expires_at + timedelta(days=3))
    assert invalidate_due(now=timezone.now()) == 1
    assert invalidate_due(now=timezone.now()) == 0
    contract = Contract.objects.get(pk=contract.pk)
    assert (contract.status, contract.invalid_at) == ("invalid", contract.expires_at)
    assert [line.released_at for line in contract.lines.all()] == [contract.expires_at] * 2


@pytest.mark.rule("R20")
def test_one_cancelled_order_ends_it_at_that_instant(actor, clock):
    contract = draft(actor, type="payment_request", count=2)
    clock.shift(timedelta(hours=1))
    cancelled_at = timezone.now()
    order = contract.lines.first().order
    order.cancel(at=cancelled_at)
    order.save()
    clock.shift(timedelta(hours=2))
    assert shown(contract) == ("invalid", cancelled_at)
    invalidate_due(now=timezone.now())
    assert Contract.objects.get(pk=contract.pk).invalid_at == cancelled_at


@pytest.mark.rule("R20")
@pytest.mark.rule("R21")
@pytest.mark.parametrize("make", [draft, official])
def test_one_order_paid_and_refunded_ends_it_at_the_refund(actor, clock, make):
    contract = make(actor, type="payment_request", count=2)
    order, other = (line.order for line in contract.lines.all())
    order.pay(at=timezone.now())
    order.save()
    assert shown(contract)[0] == contract.status  # a payment alone does not end it
    clock.shift(timedelta(hours=1))
    refunded_at = timezone.now()
    order.refund(at=refunded_at)
    order.save()
    clock.shift(timedelta(hours=2))
    assert shown(contract) == ("invalid", refunded_at)
    again = apply_for_contract(type="payment_request", order_numbers=[other.number], by=actor)
    assert (Contract.objects.get(pk=contract.pk).invalid_at, again.status) == (refunded_at, "draft")


@pytest.mark.rule("R20")
def test_the_sweep_finds_a_refunded_order(actor, clock):
    contract = draft(actor, type="payment_request")
    order = contract.lines.get().order
    order.pay(at=timezone.now())
    order.refund(at=timezone.now())
    order.save()
    clock.shift(timedelta(days=6))
    assert invalidate_due(now=timezone.now()) == 1
    assert Contract.objects.get(pk=contract.pk).invalid_at == order.refunded_at


@pytest.mark.rule("R20")
def test_order_contracts_do_not_end_by_themselves(actor, clock):
    contract = official(actor)
    order = contract.lines.get().order
    order.cancel(at=timezone.now())
    order.save()
    clock.shift(timedelta(days=4000))
    assert invalidate_due(now=timezone.now()) == 0
    assert shown(contract) == ("official", None)


@pytest.mark.rule("R21")
def test_past_its_time_it_is_shown_as_invalid_before_the_clock_comes(actor, clock):
    contract = official(actor, type="payment_request")
    clock.move_to(contract.expires_at)
    assert shown(contract) == ("invalid", contract.expires_at)
    assert Contract.objects.get(pk=contract.pk).status == "official"  # the clock has not come


@pytest.mark.rule("R21")
def test_applying_settles_a_lapsed_contract_in_the_same_transaction(actor, clock):
    contract = draft(actor, type="payment_request", count=2)
    early, late = Order.objects.filter(number__in=contract.order_numbers).order_by("pk")
    late.ordered_at += timedelta(minutes=50)  # its deadline is after the contract's
    late.set_deadline()
    late.save()
    clock.move_to(early.payment_deadline)
    again = apply_for_contract(type="payment_request", order_numbers=[late.number], by=actor)
    assert Contract.objects.get(pk=contract.pk).status == "invalid"
    assert again.status == "draft"
    assert [event.kind for event in contract.events.all()] == ["drafted", "invalidated"]


@pytest.mark.rule("R20")
def test_a_request_whose_orders_were_all_paid_still_ends_at_its_stated_time(actor, clock):
    contract = draft(actor, type="payment_request")
    convert_to_official(contract=contract, by=actor)
    order = contract.lines.get().order
    order.pay(at=timezone.now())
    order.save()
    assert shown(contract)[0] == "official"
    clock.move_to(contract.expires_at)
    assert shown(contract)[0] == "invalid"


@pytest.mark.rule("R10")
@pytest.mark.rule("R20")
def test_the_clock_cancels_the_orders_and_ends_the_contracts(actor, clock):
    contract = draft(actor, type="payment_request")
    other = OrderFactory(account=actor.account, ordered_at=timezone.now() + timedelta(hours=1))
    clock.move_to(contract.expires_at)
    assert settle_due() == {"orders": 1, "contracts": 1, "reminders": 0}
    assert settle_due() == {"orders": 0, "contracts": 0, "reminders": 0}
    order = contract.lines.get().order
    assert (order.status, order.cancelled_at) == ("cancelled", order.payment_deadline)
    assert Order.objects.get(pk=other.pk).status == "unpaid"


@pytest.mark.rule("R10")
@pytest.mark.rule("R20")
def test_an_order_whose_time_was_corrected_to_long_ago_ends_its_contract_as_it_is_cancelled(actor, clock):
    contract = draft(actor, type="payment_request")
    order = contract.lines.get().order
    order.ordered_at -= timedelta(days=30)
    order.set_deadline()
    order.save()
    assert settle_due() == {"orders": 1, "contracts": 1, "reminders": 0}
    ended = Contract.objects.get(pk=contract.pk)
    assert (ended.status, ended.invalid_at) == ("invalid", contract.applied_at)
    assert Order.objects.get(pk=order.pk).cancelled_at == order.payment_deadline


@pytest.mark.rule("R20")
def test_the_command_does_the_same(actor, clock, capsys):
    contract = draft(actor, type="payment_request")
    clock.move_to(contract.expires_at)
    call_command("expire_contracts")
    assert capsys.readouterr().out == "1 orders cancelled, 1 contracts became invalid.\n"


@pytest.mark.rule("R21")
def test_a_corrected_order_time_that_has_passed_its_deadline_ends_it_too(actor, clock):
    contract = draft(actor, type="payment_request", count=2)
    late, other = Order.objects.filter(number__in=contract.order_numbers).order_by("pk")
    late.ordered_at -= timedelta(days=8)
    late.set_deadline()
    late.save()
    assert shown(contract) == ("invalid", contract.applied_at)  # nothing ends before it began
    again = apply_for_contract(type="payment_request", order_numbers=[other.number], by=actor)
    assert Contract.objects.get(pk=contract.pk).invalid_at == contract.applied_at
    assert again.status == "draft"


@pytest.mark.rule("R21")
@pytest.mark.rule("R27")
def test_whoever_comes_across_it_the_clock_is_named(actor, clock):
    contract = draft(actor, type="payment_request", count=2)
    late = Order.objects.filter(number__in=contract.order_numbers).order_by("pk").last()
    late.ordered_at += timedelta(minutes=30)
    late.set_deadline()
    late.save()
    clock.move_to(contract.expires_at)
    apply_for_contract(type="payment_request", order_numbers=[late.number], by=actor)
    assert [(event.kind, event.source, event.actor_id) for event in contract.events.all()][-1] == (
        "invalidated",
        "clock",
        None,
    )


@pytest.mark.rule("R5")
@pytest.mark.rule("R21")
def test_its_open_ticket_is_shown_as_lapsed_before_the_clock_comes(actor, clock):
    contract = official(actor, type="payment_request")
    ticket = request_void(contract=contract, reason="wrong", by=actor)
    clock.move_to(contract.expires_at)
    now = Contract.objects.with_facts_at(timezone.now()).get(pk=contract.pk)
    seen = ticket.as_of(now)
    assert (seen.status, seen.decided_at) == ("lapsed", contract.expires_at)
