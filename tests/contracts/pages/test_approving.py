"""Approval of conversions on the pages (R44)."""

import pytest
from django.urls import reverse

from accounts.access.actors import actor_of
from contracts.models import Contract
from contracts.services import request_approval
from tests.factories import MembershipFactory, draft

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R44")]


@pytest.fixture
def finance(membership):
    """A finance member of an account in which every conversion needs approval."""
    membership.account.approval_required_from = {"CNY": "0.01"}
    membership.account.save()
    return MembershipFactory(account=membership.account, role="finance")


def page_of(contract: Contract, name: str) -> str:
    return reverse(f"contract-{name}", args=[contract.number])


def signed_in(client, membership):
    client.force_login(membership.user)
    return client


def test_request_then_approve(client, membership, finance):
    contract = draft(actor_of(finance, "page"))
    signed_in(client, finance)
    detail = client.get(page_of(contract, "detail")).text
    assert page_of(contract, "request-approval") in detail
    assert page_of(contract, "convert") not in detail
    refused = client.post(page_of(contract, "convert"), {"consent": "on"})
    assert (refused.status_code, "needs the approval of another member" in refused.text) == (409, True)
    client.post(page_of(contract, "request-approval"), {"note": "Budget 2027"})

    signed_in(client, membership)
    detail = client.get(page_of(contract, "detail")).text
    assert "Budget 2027" in detail
    assert page_of(contract, "decide-approval") in detail
    client.post(page_of(contract, "decide-approval"), {"decision": "approve", "consent": "on"})
    assert Contract.objects.get(pk=contract.pk).status == "official"


@pytest.mark.parametrize(
    ("given", "wrong"), [({"decision": "approve"}, "consent"), ({"decision": "reject"}, "note"), ({}, "decision")]
)
def test_an_incomplete_decision_is_asked_again(client, membership, finance, given, wrong):
    contract = draft(actor_of(finance, "page"))
    approval = request_approval(contract=contract, by=actor_of(finance, "page"))
    answer = signed_in(client, membership).post(page_of(contract, "decide-approval"), given)
    assert answer.status_code == 400
    assert wrong in answer.context["form"].errors
    approval = contract.approvals.get(pk=approval.pk)
    assert approval.status == "requested"


def test_the_requester_is_told_that_another_member_decides(client, finance):
    contract = draft(actor_of(finance, "page"))
    request_approval(contract=contract, by=actor_of(finance, "page"))
    answer = signed_in(client, finance).get(page_of(contract, "decide-approval"))
    assert (answer.status_code, "waiting for another member" in answer.text) == (409, True)


def test_a_rejection_is_shown_with_its_note(client, membership, finance):
    contract = draft(actor_of(finance, "page"))
    request_approval(contract=contract, by=actor_of(finance, "page"))
    signed_in(client, membership).post(
        page_of(contract, "decide-approval"), {"decision": "reject", "note": "Wrong <cost centre>"}
    )
    detail = signed_in(client, finance).get(page_of(contract, "detail")).text
    assert "Wrong &lt;cost centre&gt;" in detail
    assert page_of(contract, "request-approval") in detail


def test_the_requester_withdraws_and_others_cannot(client, membership, finance):
    contract = draft(actor_of(finance, "page"))
    request_approval(contract=contract, by=actor_of(finance, "page"))
    third = MembershipFactory(account=membership.account, role="finance")
    assert signed_in(client, third).post(page_of(contract, "withdraw-approval")).status_code == 403
    assert page_of(contract, "withdraw-approval") not in client.get(page_of(contract, "detail")).text
    signed_in(client, finance).post(page_of(contract, "withdraw-approval"))
    assert contract.approvals.get().status == "withdrawn"
    assert client.post(page_of(contract, "withdraw-approval")).status_code == 409


def test_a_viewer_sees_the_request_and_decides_nothing(client, membership, finance):
    contract = draft(actor_of(finance, "page"))
    request_approval(contract=contract, by=actor_of(finance, "page"))
    viewer = MembershipFactory(account=membership.account, role="viewer")
    signed_in(client, viewer)
    assert page_of(contract, "decide-approval") not in client.get(page_of(contract, "detail")).text
    answer = client.post(page_of(contract, "decide-approval"), {"decision": "approve", "consent": "on"})
    assert answer.status_code == 403


def test_another_account_finds_nothing(client, finance):
    contract = draft(actor_of(finance, "page"))
    request_approval(contract=contract, by=actor_of(finance, "page"))
    stranger = MembershipFactory()
    for name in ("request-approval", "decide-approval", "withdraw-approval"):
        assert signed_in(client, stranger).post(page_of(contract, name)).status_code == 404


def test_owners_set_it_in_their_currency_and_the_others_stay(client, membership):
    MembershipFactory(account=membership.account, role="finance")
    membership.account.approval_required_from = {"USD": "500.00"}
    membership.account.save()
    signed_in(client, membership)
    client.post(reverse("account-settings"), {"document_language": "", "approval_from": "1000"})
    membership.account.refresh_from_db()
    assert membership.account.approval_required_from == {"USD": "500.00", "CNY": "1000.00"}
    client.post(reverse("account-settings"), {"document_language": "", "approval_from": ""})
    membership.account.refresh_from_db()
    assert membership.account.approval_required_from == {"USD": "500.00"}


def test_an_account_with_one_person_is_told_that_nobody_could_approve(client, membership):
    answer = signed_in(client, membership).post(
        reverse("account-settings"), {"document_language": "", "approval_from": "1000"}
    )
    assert answer.status_code == 400
    assert "approval_from" in answer.context["form"].errors
