"""Many at once, round after round: whoever wins, everyone else is told why, and nothing is half done."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from accounts.access.actors import Actor, staff_actor
from accounts.members import remove_member
from accounts.models import Membership
from billing.models import LedgerEntry
from contracts.models import Contract, ContractOrder, VoidTicket
from contracts.services import (
    apply_for_contract,
    approve_conversion,
    approve_void,
    convert_to_official,
    invalidate_due,
    reject_approval,
    request_approval,
    request_void,
    void_draft,
    withdraw_approval,
)
from orders.models import Order
from orders.services import cancel_unpaid, pay_from_balance
from tests.contracts.races.racing import ROUNDS, THREADS, everything_holds, racers, refused
from tests.factories import OrderFactory, PaidOrderFactory, ProductFactory, UserFactory, draft, member, official

pytestmark = [pytest.mark.exhaustive, pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


@pytest.fixture
def race() -> Iterator[Callable[..., list[Any]]]:
    with racers() as race:
        yield race


@pytest.fixture
def actor(issuer) -> Actor:
    return member()


def end_soon(contract: Contract, after: timedelta) -> None:
    """As if it had been drafted seven days ago, save so much; its orders end with it."""
    soon = timezone.now() + after
    Contract.objects.filter(pk=contract.pk).update(expires_at=soon, valid_until=soon)
    Order.objects.filter(number__in=contract.order_numbers).update(payment_deadline=soon)


def settle() -> None:
    while invalidate_due(now=timezone.now()):
        pass


@pytest.mark.rule("R7")
def test_apply_against_apply_over_overlapping_selections(actor, race):
    product = ProductFactory()
    for round_ in range(ROUNDS):
        random = Random(round_)
        orders = PaidOrderFactory.create_batch(12, account=actor.account, product=product)
        numbers = [order.number for order in orders]
        chosen = [random.sample(numbers, random.randint(1, 4)) for _ in range(THREADS)]
        outcomes = race([lambda c=c: apply_for_contract(type="order", order_numbers=c, by=actor) for c in chosen])
        assert refused(outcomes) <= {"order_in_live_contract"}
        won = [outcome for outcome in outcomes if isinstance(outcome, Contract)]
        held = ContractOrder.objects.filter(released_at=None, order__in=orders).count()
        assert sum(contract.order_count for contract in won) == held
        free = set(numbers) - {number for contract in won for number in contract.order_numbers}
        assert not any(set(c) <= free for c in chosen)  # nobody was refused for nothing
        everything_holds()


@pytest.mark.rule("R21")
def test_convert_against_void(actor, race):
    for _ in range(ROUNDS):
        contract = draft(actor)
        calls = [lambda c=contract: convert_to_official(contract=c, by=actor)] * (THREADS // 2)
        calls += [lambda c=contract: void_draft(contract=c, by=actor)] * (THREADS // 2)
        outcomes = race(calls)
        assert refused(outcomes) == {"transition_not_allowed"}
        assert sum(isinstance(outcome, Contract) for outcome in outcomes) == 1
        everything_holds()


@pytest.mark.rule("R20")
@pytest.mark.rule("R21")
def test_convert_against_expiry(actor, race):
    ended = set()
    for round_ in range(ROUNDS):
        contract = draft(actor, type="payment_request", count=2)
        end_soon(contract, timedelta(milliseconds=80 * round_))
        calls = [lambda c=contract: convert_to_official(contract=c, by=actor)] * (THREADS // 2)
        calls += [settle] * (THREADS // 2)
        outcomes = race(calls)
        assert refused(outcomes) <= {"transition_not_allowed", "contract_expired", "order_changed"}
        assert sum(isinstance(outcome, Contract) for outcome in outcomes) <= 1
        ended.add(_ended(contract))
        everything_holds()
    assert ended == {True, False}  # both ways were seen


def _ended(contract: Contract) -> bool:
    return Contract.objects.get(pk=contract.pk).official_at is None


@pytest.mark.rule("R5")
@pytest.mark.rule("R20")
def test_approving_a_ticket_against_expiry(actor, race):
    deciders = [_decider() for _ in range(THREADS // 2)]
    seen = set()
    for round_ in range(ROUNDS):
        contract = official(actor, type="payment_request")
        ticket = request_void(contract=contract, reason="renamed", by=actor)
        now = timezone.now()
        Contract.objects.filter(pk=contract.pk).update(official_at=now, valid_from=now)
        end_soon(contract, timedelta(milliseconds=1 + 80 * round_))
        calls = [lambda by=by, t=ticket: approve_void(ticket=t, by=by) for by in deciders]
        calls += [settle] * (THREADS // 2)
        outcomes = race(calls)
        assert refused(outcomes) <= {"transition_not_allowed"}
        won = sum(isinstance(outcome, VoidTicket) for outcome in outcomes)
        settle()
        if won:
            assert _stands(ticket) == ("approved", "voided")
        everything_holds()
        seen.add(won)
    assert seen == {0, 1}


@pytest.mark.rule("R22")
@pytest.mark.rule("R33")
def test_pay_against_apply(actor, race):
    LedgerEntry.objects.create(
        account=actor.account, amount=Decimal(10_000_000), bank_reference="B1", booked_at=timezone.now()
    )
    for _ in range(ROUNDS):
        order = OrderFactory(account=actor.account)
        third = THREADS // 3
        calls = [lambda o=order: pay_from_balance(order=o, by=actor)] * third
        for type_ in ("payment_request", "order"):
            calls += [lambda o=order, t=type_: apply_for_contract(type=t, order_numbers=[o.number], by=actor)] * third
        outcomes = race(calls)
        assert refused(outcomes) <= {"transition_not_allowed", "order_wrong_status", "order_in_live_contract"}
        assert sum(isinstance(outcome, Order) for outcome in outcomes) == 1
        assert LedgerEntry.objects.filter(order_number=order.number).count() == 1
        assert sum(isinstance(outcome, Contract) for outcome in outcomes) <= 1
        everything_holds()


@pytest.mark.rule("R20")
@pytest.mark.rule("R22")
def test_cancel_against_convert(actor, race):
    for _ in range(ROUNDS):
        contract = draft(actor, type="payment_request", count=2)
        order = contract.lines.first().order
        calls = [lambda o=order: cancel_unpaid(order=o, by=actor)] * (THREADS // 2)
        calls += [lambda c=contract: convert_to_official(contract=c, by=actor)] * (THREADS // 2)
        outcomes = race(calls)
        assert refused(outcomes) <= {"transition_not_allowed", "contract_expired", "order_changed"}
        assert sum(isinstance(outcome, Order) for outcome in outcomes) == 1
        settle()
        assert Contract.objects.get(pk=contract.pk).status == "invalid"
        everything_holds()


def _decider() -> Actor:
    user = UserFactory(is_staff=True, is_superuser=True)
    return staff_actor(get_user_model().objects.get(pk=user.pk), "contracts.decide_voidticket")


def _stands(ticket: VoidTicket) -> tuple[str, str]:
    found = VoidTicket.objects.select_related("contract").get(pk=ticket.pk)
    return found.status, found.contract.status


@pytest.mark.rule("R44")
def test_approve_against_void_withdraw_reject_and_lost_rights(actor, race):
    """One act decides each request; the contract is official exactly if the request was approved."""
    requester, other = member("finance", actor.account), member("owner", actor.account)
    actor.own_account.approval_required_from = {"CNY": "0"}
    actor.own_account.save()
    role = Membership.objects.filter(user=other.user_id)
    for round_ in range(ROUNDS):
        contract = draft(requester)
        approval = request_approval(contract=contract, by=requester)
        calls: list[Callable[[], object]] = [
            partial(approve_conversion, approval=approval, by=actor),
            partial(approve_conversion, approval=approval, by=other),
            partial(reject_approval, approval=approval, by=actor, note="no"),
            partial(withdraw_approval, approval=approval, by=requester),
            partial(void_draft, contract=contract, by=requester),
            partial(role.update, role="viewer" if round_ % 2 else "owner"),
        ]
        outcomes = race(calls * (THREADS // len(calls)))
        assert refused(outcomes) <= {"transition_not_allowed", "permission_denied"}
        [decided] = contract.approvals.all()
        current = Contract.objects.get(pk=contract.pk)
        assert decided.status in ("approved", "rejected", "withdrawn", "lapsed")
        assert (current.status == "official") == (decided.status == "approved")
        kinds = [event.kind for event in current.events.all() if "approval" in event.data]
        assert kinds == ["approval_requested", f"approval_{decided.status}"]
    everything_holds()


@pytest.mark.rule("R20")
@pytest.mark.rule("R44")
def test_approve_against_expiry_a_cancelled_order_and_removal(actor, race):
    """Whatever comes first: the contract was official exactly if the request was approved, and the rest holds."""
    requester = member("finance", actor.account)
    actor.own_account.approval_required_from = {"CNY": "0"}
    actor.own_account.save()
    decisions = set()
    for round_ in range(ROUNDS):
        approver = member("owner", actor.account)
        contract = draft(requester, type="payment_request", count=2)
        approval = request_approval(contract=contract, by=requester)
        end_soon(contract, timedelta(milliseconds=80 * round_))
        calls: list[Callable[[], object]] = [
            partial(approve_conversion, approval=approval, by=approver),
            partial(approve_conversion, approval=approval, by=approver),
            settle,
            partial(cancel_unpaid, order=contract.lines.first().order, by=actor),
            partial(remove_member, member=Membership.objects.get(user=approver.user_id), by=actor),
            settle,
        ]
        outcomes = race(calls * (THREADS // len(calls)))
        known = {"transition_not_allowed", "contract_expired", "order_changed", "permission_denied", "not_found"}
        assert refused(outcomes) <= known
        settle()
        [decided] = contract.approvals.all()
        current = Contract.objects.get(pk=contract.pk)
        assert (current.official_at is not None) == (decided.status == "approved")
        kinds = [event.kind for event in current.events.all() if "approval" in event.data]
        assert kinds == ["approval_requested", f"approval_{decided.status}"]
        decisions.add(decided.status)
        everything_holds()
    assert "lapsed" in decisions
