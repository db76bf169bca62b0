"""Whatever is done in whatever order at whatever time, the database tells what the rules tell (Hypothesis)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from billing.models import LedgerEntry
from common.errors import Refused
from contracts import services
from contracts.models import Contract, VoidTicket
from contracts.tasks import settle_all
from orders.models import Order
from orders.services import cancel_unpaid, move_order, pay_from_balance
from tests import factories
from tests.contracts.lifecycle.model import Model, ModelContract, ModelOrder
from tests.contracts.races.racing import everything_holds

START = datetime.fromisoformat("2026-11-22T12:00:00+08:00")
STEPS = (
    timedelta(seconds=1),
    timedelta(hours=5),
    timedelta(days=1),
    timedelta(days=6, hours=23, minutes=59),
    timedelta(days=9),
)
pytestmark = [pytest.mark.exhaustive, pytest.mark.django_db]


class Lifecycle(RuleBasedStateMachine):
    """Each step is done to the database and to the model; they agree on whether it is refused, and on the result."""

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.clock = time_machine.travel(START, tick=False)
        self.traveller = self.clock.start()
        factories.IssuerFactory()
        self.actor, self.staff = factories.member(), factories.staff()
        self.product = factories.ProductFactory()
        LedgerEntry.objects.create(
            account=self.actor.account, amount=Decimal(10**9), bank_reference="B", booked_at=START
        )
        self.model = Model(START)

    def teardown(self) -> None:
        try:
            settle_all()
            everything_holds()
        finally:
            self.clock.stop()
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    def same(self, allowed: bool, call: Callable[[], Any]) -> Any:
        """Do it; the services refuse exactly what the model does not allow. Returns the result, or None if refused."""
        if allowed:
            return call()
        with pytest.raises(Refused):
            call()
        return None

    @rule(hours=st.sampled_from([0, 1, 100, 167]))
    def order(self, hours: int) -> None:
        """Somebody ordered so many hours ago."""
        at = self.model.now - timedelta(hours=hours)
        order = factories.OrderFactory(account=self.actor.account, product=self.product, ordered_at=at)
        self.model.orders[order.number] = ModelOrder(order.number, at)

    @rule(step=st.sampled_from(STEPS))
    def time_passes(self, step: timedelta) -> None:
        self.traveller.shift(step)
        self.model.move(timezone.now())

    @rule(to=st.sampled_from([timedelta(0), timedelta(seconds=-1)]), data=st.data())
    @precondition(lambda self: self.model.orders)
    def time_comes_to_a_deadline(self, to: timedelta, data: st.DataObject) -> None:
        """To the very instant, or to a second before."""
        order = self.some(self.model.orders, data)
        if order.deadline + to > self.model.now:
            self.traveller.move_to(order.deadline + to, tick=False)
            self.model.move(timezone.now())

    @rule()
    def the_clock_comes(self) -> None:
        settle_all()

    @rule(data=st.data())
    @precondition(lambda self: self.model.orders)
    def pay(self, data: st.DataObject) -> None:
        order = self.some(self.model.orders, data)
        found = Order.objects.get(number=order.number)
        if self.same(order.status == "unpaid", lambda: pay_from_balance(order=found, by=self.actor)):
            order.status = "paid"

    @rule(data=st.data())
    @precondition(lambda self: self.model.orders)
    def cancel(self, data: st.DataObject) -> None:
        order = self.some(self.model.orders, data)
        found = Order.objects.get(number=order.number)
        if self.same(order.status == "unpaid", lambda: cancel_unpaid(order=found, by=self.actor)):
            order.status, order.ended_at = "cancelled", self.model.now
            self.model.settle()

    @rule(data=st.data())
    @precondition(lambda self: self.model.orders)
    def refund(self, data: st.DataObject) -> None:
        order = self.some(self.model.orders, data)
        if order.status == "paid":
            found = Order.objects.get(number=order.number)
            move_order(found, "refunded", paid_at=None, at=self.model.now)
            found.save()
            order.status, order.ended_at = "refunded", self.model.now
            self.model.settle()

    @rule(type_=st.sampled_from(["order", "payment_request"]), data=st.data())
    @precondition(lambda self: self.model.orders)
    def apply(self, type_: str, data: st.DataObject) -> None:
        numbers = data.draw(st.lists(st.sampled_from(list(self.model.orders)), min_size=1, max_size=3, unique=True))
        allowed = self.model.may_apply(type_, numbers)
        contract = self.same(
            allowed, lambda: services.apply_for_contract(type=type_, order_numbers=numbers, by=self.actor)
        )
        if contract:
            orders = [self.model.orders[number] for number in numbers]
            self.model.contracts[contract.number] = ModelContract(contract.number, type_, orders, self.model.now)

    @rule(data=st.data())
    @precondition(lambda self: self.model.contracts)
    def convert(self, data: st.DataObject) -> None:
        contract = self.some(self.model.contracts, data)
        allowed = self.model.may_convert(contract)
        if self.same(allowed, lambda: services.convert_to_official(contract=self.found(contract), by=self.actor)):
            contract.status, contract.official_at = "official", self.model.now

    @rule(data=st.data())
    @precondition(lambda self: self.model.contracts)
    def void(self, data: st.DataObject) -> None:
        contract = self.some(self.model.contracts, data)
        allowed = contract.status == "draft"
        if self.same(allowed, lambda: services.void_draft(contract=self.found(contract), by=self.actor)):
            contract.status = "voided"

    @rule(data=st.data())
    @precondition(lambda self: self.model.contracts)
    def ask_to_void(self, data: st.DataObject) -> None:
        contract = self.some(self.model.contracts, data)
        allowed = self.model.may_ask(contract)
        ask = {"contract": self.found(contract), "reason": "wrong", "by": self.actor}
        if self.same(allowed, lambda: services.request_void(**ask)):
            contract.tickets.append("open")

    @rule(approve=st.booleans(), data=st.data())
    @precondition(lambda self: any(contract.tickets for contract in self.model.contracts.values()))
    def decide(self, approve: bool, data: st.DataObject) -> None:
        asked = {number: contract for number, contract in self.model.contracts.items() if contract.tickets}
        contract = self.some(asked, data)
        ticket = VoidTicket.objects.filter(contract__number=contract.number).order_by("pk").last()
        service = services.approve_void if approve else services.reject_void
        if self.same(self.model.may_decide(contract), lambda: service(ticket=ticket, by=self.staff, note="seen")):
            self.model.decide(contract, "approved" if approve else "rejected")
            contract.status = "voided" if approve else contract.status

    @invariant()
    def contracts_are_shown_as_the_rules_say(self) -> None:
        now = timezone.now()
        shown = Contract.objects.with_status_at(now).prefetch_related("void_tickets")
        for contract in shown:
            expected = self.model.contracts[contract.number]
            assert (contract.status_at, contract.invalid_since) == (expected.status, expected.invalid_since)
            assert contract.official_at == expected.official_at
            tickets = sorted(contract.void_tickets.all(), key=lambda ticket: ticket.pk)
            assert [ticket.as_of(contract).status for ticket in tickets] == expected.tickets
        for status in Contract.Status.values:
            filtered = {contract.number for contract in Contract.objects.shown_as(status, now)}
            assert filtered == {c.number for c in self.model.contracts.values() if c.status == status}

    @invariant()
    def orders_are_as_the_rules_say(self) -> None:
        now = timezone.now()
        for order in Order.objects.all():
            assert order.status_on(now) == self.model.orders[order.number].status

    def some(self, among: dict[str, Any], data: st.DataObject) -> Any:
        """In the order in which they were made: contract numbers are random, and a walk must be repeatable."""
        return among[data.draw(st.sampled_from(list(among)))]

    def found(self, contract: ModelContract) -> Contract:
        return Contract.objects.get(number=contract.number)


@pytest.mark.rule("R2")
@pytest.mark.rule("R4")
@pytest.mark.rule("R5")
@pytest.mark.rule("R7")
@pytest.mark.rule("R10")
@pytest.mark.rule("R20")
@pytest.mark.rule("R21")
@pytest.mark.rule("R22")
def test_the_whole_lifecycle_against_a_model():
    run_state_machine_as_test(
        Lifecycle,
        settings=settings(
            max_examples=25,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,  # the same walks every time: CI finds what a change broke, and nothing else
            suppress_health_check=list(HealthCheck),
        ),
    )
