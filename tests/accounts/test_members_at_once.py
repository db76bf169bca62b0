"""Several people at once: an invitation is accepted once, an owner stays, and an import creates everything once."""

import pytest
from django.contrib.auth import get_user_model

from accounts.access.actors import COMMAND, actor_of
from accounts.invitations import accept_invitation, invite_member, join_as_new_user, withdraw_invitation
from accounts.members import change_member, remove_member
from accounts.models import Account, CertificationRequest, Invitation, Membership, SecurityEvent
from accounts.provisioning import AccountRow, write_accounts
from common.errors import Refused
from tests import factories
from tests.contracts.test_concurrency import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql, pytest.mark.rule("R49")]
ROUNDS, THREADS = 6, 8
EMAIL = "mei@customer.example"


def invited(role: str = "finance") -> Invitation:
    owner = factories.MembershipFactory()
    return invite_member(email=EMAIL, role=role, by=actor_of(owner, "page"))


def joining(invitation: Invitation, i: int):
    return lambda: join_as_new_user(invitation=invitation, username=f"mei-{invitation.pk}-{i}", password="a-long-walk")


def won(outcomes: list) -> list[Membership]:
    """The members that came of it. Everybody else was refused in words."""
    lost = [outcome for outcome in outcomes if not isinstance(outcome, Membership)]
    assert all(isinstance(outcome, Refused) for outcome in lost), lost
    return [outcome for outcome in outcomes if isinstance(outcome, Membership)]


def test_one_invitation_is_accepted_once_by_new_users():
    for _ in range(ROUNDS):
        get_user_model().objects.filter(email=EMAIL).delete()
        invitation = invited()
        outcomes = at_once([joining(invitation, i) for i in range(THREADS)])
        assert len(won(outcomes)) == 1
        assert invitation.account.memberships.count() == 2
        assert get_user_model().objects.filter(email=EMAIL).count() == 1
        assert SecurityEvent.objects.filter(kind="invitation_accepted", detail__contains=invitation.pk).count() == 1


def test_one_invitation_is_accepted_once_by_a_user_who_clicks_twice():
    user = factories.UserFactory(email=EMAIL)
    for _ in range(ROUNDS):
        invitation = invited()
        outcomes = at_once([lambda i=invitation: accept_invitation(invitation=i, user=user)] * THREADS)
        assert len(won(outcomes)) == 1


def test_one_address_becomes_one_user_in_several_accounts():
    for _ in range(ROUNDS):
        get_user_model().objects.filter(email=EMAIL).delete()
        invitations = [invited() for _ in range(4)]
        assert len(won(at_once([joining(invitation, 0) for invitation in invitations]))) == 1
        assert get_user_model().objects.filter(email=EMAIL).count() == 1


def test_accepted_or_withdrawn_but_not_both():
    user = factories.UserFactory(email=EMAIL)
    for _ in range(ROUNDS):
        invitation = invited()
        owner = actor_of(invitation.account.memberships.get(), "page")
        at_once(
            [
                lambda i=invitation: accept_invitation(invitation=i, user=user),
                lambda i=invitation, by=owner: withdraw_invitation(invitation=i, by=by),
            ]
        )
        is_accepted = Invitation.objects.get(pk=invitation.pk).status == "accepted"
        assert invitation.account.memberships.filter(user=user).exists() == is_accepted


@pytest.mark.rule("R26")
def test_two_owners_who_remove_or_demote_each_other_leave_one():
    for _ in range(ROUNDS):
        first = factories.MembershipFactory()
        second = factories.MembershipFactory(account=first.account)
        by_first, by_second = actor_of(first, "page"), actor_of(second, "page")
        outcomes = at_once(
            [
                lambda m=second, by=by_first: remove_member(member=m, by=by),
                lambda m=first, by=by_second: change_member(member=m, role="viewer", is_approver=False, by=by),
                lambda m=first, by=by_second: remove_member(member=m, by=by),
            ]
        )
        assert all(isinstance(o, Refused | Membership | None) for o in outcomes), outcomes
        assert first.account.memberships.filter(role="owner").exists()


def test_the_same_accounts_imported_at_once_are_created_once():
    for round_ in range(ROUNDS):
        people = [{"username": f"p{round_}-{i}", "email": f"p{round_}-{i}@customer.example"} for i in range(10)]
        rows = [
            AccountRow(number=f"R{round_}-{i}", name=f"Company {i}", currency="CNY", owner=person)
            for i, person in enumerate(people)
        ]
        orders = [rows, rows[::-1]] * 2
        outcomes = at_once([lambda r=r: write_accounts(r, by=COMMAND) for r in orders])
        assert all(isinstance(outcome, list) for outcome in outcomes), outcomes
        created = [one for outcome in outcomes for one in outcome if one.outcome == "created"]
        assert len(created) == Account.objects.filter(number__startswith=f"R{round_}-").count() == 10
        assert Membership.objects.filter(account__number__startswith=f"R{round_}-").count() == 10
        assert CertificationRequest.objects.filter(account__number__startswith=f"R{round_}-").count() == 10
