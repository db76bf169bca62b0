"""Approval of conversions by another member of the account (R44)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Account, Membership, SecurityEvent
from accounts.settings import change_settings
from common.errors import Refused
from contracts.models import Approval, Contract
from contracts.services import (
    approve_conversion,
    convert_to_official,
    invalidate_due,
    reject_approval,
    request_approval,
    void_draft,
    withdraw_approval,
)
from contracts.trail.check_contract import check_contract
from emails.models import Notice
from orders.models import Order
from orders.services import cancel_unpaid
from tests.factories import draft, member
from tests.tampering import guards_lifted

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R44")]


@pytest.fixture
def owner(issuer):
    return member()


@pytest.fixture
def finance(owner):
    """Of the owner's account, in which every conversion in CNY needs approval."""
    finance = member("finance", owner.account)
    change_settings(approval_required_from={"CNY": "0.01"}, by=owner)
    return member_again(finance)


def member_again(actor):
    """The actor as of now, with its account's settings."""
    return type(actor)(
        actor.user_id, Account.objects.get(pk=actor.account.pk), actor.may_act, actor.source, actor.may_approve
    )


def code_of(call, **kwargs) -> str:
    with pytest.raises(Refused) as caught:
        call(**kwargs)
    return caught.value.code


def fresh(contract: Contract) -> Contract:
    return Contract.objects.get(pk=contract.pk)


def kinds(contract: Contract) -> list[str]:
    return [event.kind for event in contract.events.order_by("position")]


def test_nobody_converts_alone_what_needs_approval(owner, finance):
    contract = draft(finance)
    for actor in (finance, owner):
        assert code_of(convert_to_official, contract=contract, by=actor) == "approval_required"
    assert Contract.objects.get(pk=contract.pk).status == "draft"


def test_another_member_approves_and_the_contract_is_official_at_once(owner, finance):
    contract = draft(finance)
    approval = request_approval(contract=contract, note="For Q4", by=finance)
    approved = approve_conversion(approval=approval, note="Budget is there", by=owner)
    approval = Approval.objects.get(pk=approval.pk)
    assert approved.status == "official"
    assert (approval.status, approval.decided_by_id, approval.note) == ("approved", owner.user_id, "Budget is there")
    assert approval.draft_sha256 == contract.documents.get(kind="draft").sha256
    assert kinds(contract) == ["drafted", "approval_requested", "approval_approved", "converted"]
    assert not [result for result in check_contract(fresh(approved)) if not result.sound]


@pytest.mark.parametrize(("threshold", "needed"), [("1080.50", True), ("1080.51", False), ("0", True)])
def test_only_totals_from_the_threshold_on_need_approval(owner, threshold, needed):
    member("finance", owner.account)
    change_settings(approval_required_from={"CNY": threshold, "USD": "0"}, by=owner)
    contract = draft(owner)
    assert contract.total_amount == Decimal("1080.50")
    if needed:
        assert code_of(convert_to_official, contract=contract, by=owner) == "approval_required"
    else:
        assert convert_to_official(contract=contract, by=owner).status == "official"
        assert code_of(request_approval, contract=contract, by=owner) == "transition_not_allowed"


def test_a_currency_without_a_threshold_needs_none(owner):
    member("finance", owner.account)
    change_settings(approval_required_from={"USD": "0"}, by=owner)
    assert convert_to_official(contract=draft(owner), by=owner).status == "official"


def test_nobody_approves_their_own_request(owner, finance):
    approval = request_approval(contract=draft(owner), by=owner)
    assert code_of(approve_conversion, approval=approval, by=owner) == "permission_denied"
    assert code_of(reject_approval, approval=approval, by=owner, note="no") == "permission_denied"
    with pytest.raises(IntegrityError), transaction.atomic():
        Approval.objects.filter(pk=approval.pk).update(
            status="approved", decided_by=owner.user_id, decided_at=timezone.now()
        )


def test_finance_members_approve_only_with_the_right(owner, finance):
    approval = request_approval(contract=draft(owner), by=owner)
    assert code_of(approve_conversion, approval=approval, by=finance) == "permission_denied"
    Membership.objects.filter(user=finance.user_id).update(is_approver=True)
    assert approve_conversion(approval=approval, by=finance).status == "official"


def test_a_right_that_ended_meanwhile_is_not_used(owner, finance):
    approval = request_approval(contract=draft(finance), by=finance)
    Membership.objects.filter(user=owner.user_id).update(role="viewer")
    assert code_of(approve_conversion, approval=approval, by=owner) == "permission_denied"
    assert Approval.objects.get(pk=approval.pk).status == "requested"


def test_a_stranger_approves_nothing(owner, finance):
    approval = request_approval(contract=draft(finance), by=finance)
    assert code_of(approve_conversion, approval=approval, by=member()) == "permission_denied"


def test_the_approval_is_bound_to_the_draft_file(owner, finance):
    approval = request_approval(contract=draft(finance), by=finance)
    with guards_lifted():
        Approval.objects.filter(pk=approval.pk).update(draft_sha256="0" * 64)
    assert code_of(approve_conversion, approval=approval, by=owner) == "transition_not_allowed"


def test_a_refused_conversion_leaves_the_request_open(owner, finance):
    contract = draft(finance)
    approval = request_approval(contract=contract, by=finance)
    Order.objects.filter(number__in=contract.order_numbers).update(payable_amount=1)
    assert code_of(approve_conversion, approval=approval, by=owner) == "order_changed"
    assert Approval.objects.get(pk=approval.pk).status == "requested"
    assert kinds(contract) == ["drafted", "approval_requested"]


def test_a_rejection_gives_a_note_and_the_request_can_be_made_again(owner, finance):
    contract = draft(finance)
    approval = request_approval(contract=contract, by=finance)
    assert code_of(reject_approval, approval=approval, by=owner, note=" ") == "invalid"
    reject_approval(approval=approval, by=owner, note="Wrong cost centre")
    assert code_of(approve_conversion, approval=approval, by=owner) == "transition_not_allowed"
    assert code_of(convert_to_official, contract=contract, by=finance) == "approval_required"
    again = request_approval(contract=contract, by=finance)
    assert approve_conversion(approval=again, by=owner).status == "official"


def test_a_draft_has_one_open_request(owner, finance):
    contract = draft(finance)
    request_approval(contract=contract, by=finance)
    assert code_of(request_approval, contract=contract, by=owner) == "transition_not_allowed"


def test_the_requester_or_an_owner_withdraws(owner, finance):
    third = member("finance", owner.account)
    contract = draft(finance)
    approval = request_approval(contract=contract, by=finance)
    assert code_of(withdraw_approval, approval=approval, by=third) == "permission_denied"
    assert withdraw_approval(approval=approval, by=finance).status == "withdrawn"
    assert withdraw_approval(approval=request_approval(contract=contract, by=finance), by=owner).status == "withdrawn"


def test_viewers_request_and_withdraw_nothing(owner, finance):
    viewer = member("viewer", owner.account)
    contract = draft(finance)
    assert code_of(request_approval, contract=contract, by=viewer) == "permission_denied"
    approval = request_approval(contract=contract, by=finance)
    assert code_of(withdraw_approval, approval=approval, by=viewer) == "permission_denied"
    assert code_of(approve_conversion, approval=approval, by=viewer) == "permission_denied"


def test_voiding_the_draft_lapses_the_request(owner, finance):
    contract = draft(finance)
    approval = request_approval(contract=contract, by=finance)
    void_draft(contract=contract, by=finance)
    assert Approval.objects.get(pk=approval.pk).status == "lapsed"
    assert kinds(contract) == ["drafted", "approval_requested", "approval_lapsed", "voided"]


@pytest.mark.rule("R21")
def test_expiry_lapses_the_request_with_and_without_the_scheduler(owner, finance, clock):
    contract = draft(finance, type="payment_request")
    approval = request_approval(contract=contract, by=finance)
    clock.shift(timedelta(days=8))
    current = Contract.objects.with_status_at(timezone.now()).get(pk=contract.pk)
    assert Approval.objects.get(pk=approval.pk).as_of(current).status == "lapsed"
    assert code_of(approve_conversion, approval=approval, by=owner) == "contract_expired"
    invalidate_due(now=timezone.now())
    approval = Approval.objects.get(pk=approval.pk)
    assert (approval.status, approval.decided_at) == ("lapsed", contract.expires_at)
    assert not [result for result in check_contract(fresh(contract)) if not result.sound]


def test_without_the_setting_a_conversion_lapses_the_request(owner, finance):
    contract = draft(finance)
    approval = request_approval(contract=contract, by=finance)
    change_settings(approval_required_from={}, by=owner)
    convert_to_official(contract=contract, by=finance)
    assert Approval.objects.get(pk=approval.pk).status == "lapsed"


def test_a_cancelled_order_ends_the_request_with_the_contract(owner, finance):
    contract = draft(finance, type="payment_request")
    approval = request_approval(contract=contract, by=finance)
    cancel_unpaid(order=contract.lines.get().order, by=owner)
    assert Approval.objects.get(pk=approval.pk).status == "lapsed"


def test_approvers_and_then_the_requester_are_told(owner, finance, django_user_model):
    django_user_model.objects.filter(pk=owner.user_id).update(email="owner@customer.example")
    django_user_model.objects.filter(pk=finance.user_id).update(email="finance@customer.example")
    other = member("finance", owner.account)
    django_user_model.objects.filter(pk=other.user_id).update(email="other@customer.example")
    approval = request_approval(contract=draft(finance), by=finance)
    assert list(Notice.objects.values_list("user", "kind")) == [(owner.user_id, "approval_requested")]
    approve_conversion(approval=approval, by=owner)
    assert Notice.objects.order_by("pk").last().kind == "approval_approved"
    assert Notice.objects.order_by("pk").last().user_id == finance.user_id


@pytest.mark.parametrize(
    "thresholds",
    [{"XXX": "1"}, {"CNY": "-1"}, {"CNY": "many"}, {"CNY": "0.001"}, {"JPY": "0.5"}, {"CNY": "NaN"}, {"CNY": "1e20"}],
)
def test_wrong_thresholds_are_refused_at_their_currency(owner, thresholds):
    member("finance", owner.account)
    with pytest.raises(Refused) as caught:
        change_settings(approval_required_from=thresholds, by=owner)
    assert caught.value.faults[0].pointer == f"/approval_required_from/{next(iter(thresholds))}"


def test_approval_needs_two_people_who_may_act(owner):
    member("viewer", owner.account)
    assert code_of(change_settings, approval_required_from={"CNY": "1"}, by=owner) == "invalid"
    member("finance", owner.account)
    assert change_settings(approval_required_from={"CNY": "1"}, by=owner).approval_required_from == {"CNY": "1.00"}


def test_only_owners_set_it_and_the_security_log_says_so(owner, finance):
    assert code_of(change_settings, approval_required_from={}, by=finance) == "permission_denied"
    entry = SecurityEvent.objects.get(kind="approval_changed")
    assert entry.user_id == owner.user_id
    assert "CNY 0.01" in entry.detail


def test_verify_archive_finds_a_changed_request(owner, finance):
    contract = draft(finance)
    approval = request_approval(contract=contract, by=finance)
    reject_approval(approval=approval, by=owner, note="no")
    with guards_lifted():
        Approval.objects.filter(pk=approval.pk).update(status="withdrawn")
    assert [result for result in check_contract(fresh(contract)) if not result.sound]
