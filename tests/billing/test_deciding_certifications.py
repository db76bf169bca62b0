"""Staff decide a request for certification: once, never their own, and contracts keep their names (R11)."""

import pytest
from django.utils import timezone
from django_fsm import TransitionNotAllowed

from billing.certification import approve_certification, reject_certification
from billing.errors import Refused
from billing.models import Account, CertificationRequest
from contracts.models import Contract
from tests import factories
from tests.billing.bookkeeping import CODE, asked, decider, reader
from tests.contracts.test_concurrency import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock"), pytest.mark.rule("R11")]


def certified(account):
    account = Account.objects.get(pk=account.pk)
    return account.certification, account.certified_name, account.credit_code


def test_approving_certifies_the_account_as_it_was_asked():
    request, by = asked(), decider()
    decided = approve_certification(request=request, note=" Welcome ", by=by)
    assert certified(request.account) == ("enterprise", "蓝河贸易有限公司", CODE)
    request = CertificationRequest.objects.get(pk=request.pk)
    assert decided == request
    assert (request.status, request.note) == ("approved", "Welcome")
    assert (request.decided_by_id, request.decided_at) == (by.user_id, timezone.now())


def test_a_company_that_becomes_a_person_loses_its_credit_code():
    account = factories.AccountFactory(credit_code=CODE)
    request = asked(account, kind="personal", name="王小明", credit_code="")
    approve_certification(request=request, by=decider())
    assert certified(account) == ("personal", "王小明", "")


@pytest.mark.rule("R23")
def test_contracts_keep_the_name_that_they_were_drafted_with(issuer):
    actor = factories.member()
    before = factories.draft(actor)
    old_name = actor.account.certified_name
    approve_certification(request=asked(actor.account, name="新名字有限公司"), by=decider())
    assert Contract.objects.get(pk=before.pk).party_a["name"] == old_name
    after = factories.draft(factories.member(account=Account.objects.get(pk=actor.account.pk)))
    assert after.party_a["name"] == "新名字有限公司"


def test_rejecting_leaves_the_account_as_it_is_and_keeps_the_note():
    request, by = asked(), decider()
    reject_certification(request=request, note="The name is not\nthat on the licence.", by=by)
    assert certified(request.account) == ("none", "", "")
    request = CertificationRequest.objects.get(pk=request.pk)
    assert (request.status, request.note) == ("rejected", "The name is not that on the licence.")
    assert (request.decided_by_id, request.decided_at) == (by.user_id, timezone.now())


def test_the_customer_can_ask_again_once_it_is_rejected():
    request = asked()
    reject_certification(request=request, note="Blurred", by=decider())
    assert asked(request.account).status == "pending"


@pytest.mark.parametrize("note", ["", " ", "\u200b", "x" * 501])
def test_a_note_says_why_it_is_rejected(note):
    request = asked()
    with pytest.raises(Refused) as caught:
        reject_certification(request=request, note=note, by=decider())
    assert [(fault.code, fault.pointer) for fault in caught.value.faults] == [("invalid", "/note")]
    assert CertificationRequest.objects.get(pk=request.pk).status == "pending"


def test_approving_needs_no_note_but_a_short_one():
    with pytest.raises(Refused, match="At most 500 characters; 501 were given"):
        approve_certification(request=asked(), note="x" * 501, by=decider())
    assert approve_certification(request=asked(), by=decider()).note == ""


@pytest.mark.rule("R45")
@pytest.mark.parametrize("decide", [approve_certification, reject_certification])
def test_nobody_decides_their_own(decide):
    request, by = asked(), decider()
    CertificationRequest.objects.update(requested_by=by.user_id)
    with pytest.raises(Refused) as caught:
        decide(request=request, note="Mine", by=by)
    assert caught.value.code == "permission_denied"
    assert certified(request.account)[0] == "none"


@pytest.mark.parametrize("decide", [approve_certification, reject_certification])
@pytest.mark.parametrize("who", ["reader", "owner"])
def test_only_staff_with_the_right_decide(decide, who):
    """The pages give no customer an actor from the back office; the right is asked for all the same."""
    request = asked()
    by = reader() if who == "reader" else factories.member("viewer", request.account)
    with pytest.raises(Refused) as caught:
        decide(request=request, note="No", by=by)
    assert caught.value.code == "permission_denied"
    assert CertificationRequest.objects.get(pk=request.pk).status == "pending"


@pytest.mark.parametrize("first", [approve_certification, reject_certification])
@pytest.mark.parametrize("second", [approve_certification, reject_certification])
def test_it_is_decided_once(first, second):
    request = asked()
    stale = CertificationRequest.objects.get(pk=request.pk)
    first(request=request, note="First", by=decider())
    before = certified(request.account)
    with pytest.raises(Refused, match=r"decided already: (approved|rejected)\.") as caught:
        second(request=stale, note="Second", by=decider())
    assert caught.value.code == "transition_not_allowed"
    assert CertificationRequest.objects.get(pk=request.pk).note == "First"
    assert certified(request.account) == before


def test_no_code_writes_a_status_past_its_transitions():
    request = asked()
    with pytest.raises(AttributeError):
        request.status = "approved"
    approved = approve_certification(request=request, by=decider())
    with pytest.raises(TransitionNotAllowed):
        approved.reject(by_id=1, at=timezone.now(), note="After all")


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_staff_who_decide_at_once_one_does():
    request = asked()
    deciders = [decider() for _ in range(8)]
    ways = [approve_certification, reject_certification]
    outcomes = at_once(
        [
            lambda i=i, by=by: ways[i % 2](request=request, note=f"By {by.user_id}", by=by)
            for i, by in enumerate(deciders)
        ]
    )
    won = [outcome for outcome in outcomes if isinstance(outcome, CertificationRequest)]
    assert len(won) == 1, outcomes
    assert {outcome.code for outcome in outcomes if isinstance(outcome, Refused)} == {"transition_not_allowed"}
    request = CertificationRequest.objects.get(pk=request.pk)
    assert (request.status, request.note) == (won[0].status, f"By {request.decided_by_id}")
    assert certified(request.account)[0] == ("enterprise" if request.status == "approved" else "none")
