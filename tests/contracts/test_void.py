"""Leaving a contract: drafts by oneself, official ones by a ticket that staff decide."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from django_fsm import can_proceed

from accounts.access.actors import staff_actor
from common.errors import Refused
from contracts.models import Contract, VoidTicket
from contracts.services import (
    apply_for_contract,
    approve_void,
    invalidate_due,
    reject_void,
    request_void,
    void_draft,
)
from tests.factories import MembershipFactory, UserFactory, draft, member, official, staff
from tests.tampering import guards_lifted

pytestmark = pytest.mark.django_db


@pytest.fixture
def actor(issuer):
    return member()


def code_of(call, **kwargs) -> str:
    with pytest.raises(Refused) as caught:
        call(**kwargs)
    return caught.value.code


@pytest.mark.rule("R4")
@pytest.mark.rule("R7")
def test_voiding_a_draft_releases_its_orders_for_another_contract(actor):
    contract = draft(actor, count=2)
    voided = void_draft(contract=contract, by=actor, reason="wrong orders")
    assert (voided.status, voided.void_reason) == ("voided", "wrong orders")
    again = apply_for_contract(type="order", order_numbers=contract.order_numbers, by=actor)
    assert again.order_numbers == contract.order_numbers


@pytest.mark.rule("R4")
def test_an_official_contract_is_not_voided_by_the_customer(actor):
    contract = official(actor)
    assert code_of(void_draft, contract=contract, by=actor) == "transition_not_allowed"
    assert Contract.objects.get(pk=contract.pk).status == "official"


@pytest.mark.rule("R2")
@pytest.mark.rule("R4")
@pytest.mark.rule("R5")
@pytest.mark.parametrize(
    ("transition", "sources"),
    [
        ("make_official", ["draft"]),
        ("void", ["draft"]),
        ("void_by_ticket", ["official"]),
        ("invalidate", Contract.LIVE),
    ],
)
def test_a_contract_changes_its_status_from_no_other(transition, sources):
    contracts = [Contract(type="payment_request", status=status) for status in Contract.Status]
    open_to = [contract.status for contract in contracts if can_proceed(getattr(contract, transition))]
    assert open_to == list(sources)


@pytest.mark.rule("R4")
def test_a_draft_is_voided_once(actor):
    contract = void_draft(contract=draft(actor), by=actor)
    assert code_of(void_draft, contract=contract, by=actor) == "transition_not_allowed"


@pytest.mark.rule("R5")
def test_staff_without_the_permission_decide_nothing_and_nothing_is_sealed(actor, monkeypatch):
    ticket = request_void(contract=official(actor), reason="wrong tax number", by=actor)
    monkeypatch.setattr("contracts.services.void.sealed_certificate", None)
    other_staff = staff_actor(UserFactory(is_staff=True), "contracts.decide_voidticket")
    assert code_of(approve_void, ticket=ticket, by=other_staff) == "permission_denied"
    assert code_of(reject_void, ticket=ticket, note="no", by=other_staff) == "permission_denied"


@pytest.mark.rule("R5")
@pytest.mark.rule("R7")
def test_staff_void_an_official_contract_by_approving_its_ticket(actor):
    contract = official(actor)
    ticket = request_void(contract=contract, reason="wrong tax number", by=actor)
    decided = approve_void(ticket=ticket, by=staff(), note="agreed")
    assert (decided.status, decided.note) == ("approved", "agreed")
    contract = Contract.objects.get(pk=contract.pk)
    assert (contract.status, contract.void_reason) == ("voided", "wrong tax number")
    assert not contract.lines.filter(released_at=None).exists()


@pytest.mark.rule("R5")
def test_a_rejected_ticket_leaves_the_contract_and_tells_the_customer_why(actor):
    contract = official(actor)
    ticket = request_void(contract=contract, reason="changed our mind", by=actor)
    assert code_of(reject_void, ticket=ticket, by=staff(), note="  ") == "invalid"
    decided = reject_void(ticket=ticket, by=staff(), note="the service is in use")
    assert (decided.status, decided.note) == ("rejected", "the service is in use")
    assert Contract.objects.get(pk=contract.pk).status == "official"
    assert request_void(contract=contract, reason="again", by=actor).status == "open"


@pytest.mark.rule("R5")
def test_a_ticket_gives_a_reason_and_is_the_only_open_one(actor):
    contract = official(actor)
    assert code_of(request_void, contract=contract, reason=" ", by=actor) == "invalid"
    request_void(contract=contract, reason="wrong", by=actor)
    assert code_of(request_void, contract=contract, reason="wrong", by=actor) == "ticket_already_open"
    with guards_lifted(), pytest.raises(IntegrityError, match=r"(?i)unique"), transaction.atomic():
        VoidTicket.objects.create(contract=contract, reason="x", opened_by_id=actor.user_id, opened_at=timezone.now())


@pytest.mark.rule("R5")
def test_only_official_contracts_have_tickets(actor):
    assert code_of(request_void, contract=draft(actor), reason="wrong", by=actor) == "transition_not_allowed"


@pytest.mark.rule("R5")
def test_a_ticket_is_decided_once_by_staff_with_the_right_who_did_not_open_it(actor):
    ticket = request_void(contract=official(actor), reason="wrong", by=actor)
    assert code_of(approve_void, ticket=ticket, by=member("viewer", actor.account)) == "permission_denied"
    assert code_of(approve_void, ticket=ticket, by=actor) == "permission_denied"
    approve_void(ticket=ticket, by=staff())
    assert code_of(approve_void, ticket=ticket, by=staff()) == "transition_not_allowed"
    assert code_of(reject_void, ticket=ticket, by=staff(), note="late") == "transition_not_allowed"


@pytest.mark.rule("R5")
def test_a_ticket_lapses_with_a_contract_that_becomes_invalid(actor, clock):
    contract = official(actor, type="payment_request")
    ticket = request_void(contract=contract, reason="wrong", by=actor)
    clock.move_to(contract.expires_at)
    assert code_of(approve_void, ticket=ticket, by=staff()) == "transition_not_allowed"
    invalidate_due(now=timezone.now())
    ticket = VoidTicket.objects.get(pk=ticket.pk)
    assert (ticket.status, ticket.decided_at) == ("lapsed", contract.expires_at)
    assert code_of(approve_void, ticket=ticket, by=staff()) == "transition_not_allowed"


@pytest.mark.parametrize(("call", "text"), [(void_draft, "reason"), (request_void, "reason")])
def test_a_reason_too_long_for_the_column_is_refused(actor, call, text):
    contract = draft(actor) if call is void_draft else official(actor)
    assert code_of(call, contract=contract, by=actor, **{text: "x" * 501}) == "invalid"


@pytest.mark.rule("R45")
@pytest.mark.parametrize("role", ["viewer", "finance", "owner"])
@pytest.mark.parametrize("decide", [approve_void, reject_void])
def test_staff_decide_no_ticket_of_an_account_that_they_are_members_of(actor, decide, role):
    ticket, by = request_void(contract=official(actor), reason="wrong", by=actor), staff()
    MembershipFactory(user_id=by.user_id, account=actor.account, role=role)
    assert code_of(decide, ticket=ticket, note="agreed", by=by) == "permission_denied"
    assert VoidTicket.objects.get().status == "open"


@pytest.mark.rule("R45")
@pytest.mark.parametrize("decide", [approve_void, reject_void])
def test_staff_decide_no_ticket_that_they_opened_before_they_left_the_account(actor, decide):
    ticket, by = request_void(contract=official(actor), reason="wrong", by=actor), staff()
    with guards_lifted():
        VoidTicket.objects.update(opened_by=by.user_id)
    assert code_of(decide, ticket=ticket, note="agreed", by=by) == "permission_denied"
    assert VoidTicket.objects.get().status == "open"
