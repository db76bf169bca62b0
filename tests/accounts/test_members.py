"""Members: owners change roles and rights and remove members; the last owner stays (R26, R44)."""

import pytest
from django.urls import reverse

from accounts.access.actors import actor_of
from accounts.members import change_member, remove_member
from accounts.models import ApiToken, Membership, SecurityEvent
from accounts.settings import change_settings
from common.errors import Refused
from emails.models import Notice
from tests.factories import MembershipFactory

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R26")]


@pytest.fixture
def owner() -> Membership:
    return MembershipFactory()


def another(owner: Membership, role: str, **user: str) -> Membership:
    member = MembershipFactory(account=owner.account, role=role)
    for name, value in user.items():
        setattr(member.user, name, value)
    member.user.save()
    return member


def code_of(call, **kwargs) -> str:
    with pytest.raises(Refused) as caught:
        call(**kwargs)
    return caught.value.code


def by(member: Membership):
    return actor_of(member, "page")


def test_an_owner_changes_role_and_right_and_the_person_is_told(owner):
    member = another(owner, "viewer", email="li@customer.example")
    changed = change_member(member=member, role="finance", is_approver=True, by=by(owner))
    assert (changed.role, changed.may_approve) == ("finance", True)
    assert list(Notice.objects.values_list("user", "kind")) == [(member.user_id, "role_changed")]
    entry = SecurityEvent.objects.get(kind="role_changed")
    assert (entry.user_id, entry.about_id) == (owner.user_id, member.user_id)


@pytest.mark.parametrize(("role", "approves"), [("owner", True), ("viewer", False)])
def test_only_finance_members_keep_the_right_as_such(owner, role, approves):
    member = another(owner, "finance")
    changed = change_member(member=member, role=role, is_approver=True, by=by(owner))
    assert (changed.is_approver, changed.may_approve) == (False, approves)


@pytest.mark.parametrize("role", ["finance", "viewer"])
def test_nobody_but_owners_changes_or_removes_anybody(owner, role):
    member = another(owner, role)
    assert code_of(change_member, member=member, role="owner", is_approver=False, by=by(member)) == "permission_denied"
    assert code_of(remove_member, member=owner, by=by(member)) == "permission_denied"


def test_the_last_owner_stays(owner):
    another(owner, "finance")
    another(owner, "owner", is_active=False)
    assert (
        code_of(change_member, member=owner, role="viewer", is_approver=False, by=by(owner)) == "transition_not_allowed"
    )
    assert code_of(remove_member, member=owner, by=by(owner)) == "transition_not_allowed"
    assert Membership.objects.get(pk=owner.pk).role == "owner"


def test_an_owner_can_leave_to_another(owner):
    other = another(owner, "owner")
    remove_member(member=owner, by=by(owner))
    assert list(owner.account.memberships.all()) == [other]


def test_a_removed_member_loses_its_tokens_for_this_account_only(owner):
    member = another(owner, "finance", email="li@customer.example")
    elsewhere = MembershipFactory(user=member.user)
    kept = ApiToken.for_member(elsewhere)[0]
    ApiToken.for_member(member)
    remove_member(member=member, by=by(owner))
    assert list(ApiToken.objects.filter(user=member.user)) == [kept]
    assert Notice.objects.get().kind == "member_removed"


def test_a_member_of_another_account_is_not_found(owner):
    stranger = MembershipFactory()
    assert code_of(remove_member, member=stranger, by=by(owner)) == "not_found"
    assert code_of(change_member, member=stranger, role="viewer", is_approver=False, by=by(owner)) == "not_found"


@pytest.mark.rule("R44")
def test_where_approval_is_required_somebody_who_can_approve_stays(owner):
    member = another(owner, "finance")
    change_settings(approval_required_from={"CNY": "1"}, by=by(owner))
    assert code_of(remove_member, member=member, by=by(owner)) == "invalid"
    assert code_of(change_member, member=member, role="viewer", is_approver=False, by=by(owner)) == "invalid"
    assert Membership.objects.get(pk=member.pk).role == "finance"


def test_the_pages_change_and_remove(client, owner):
    member = another(owner, "viewer")
    client.force_login(owner.user)
    assert member.user.username in client.get(reverse("account-members")).text
    client.post(reverse("account-member", args=[member.pk]), {"role": "finance", "is_approver": "on"})
    assert Membership.objects.get(pk=member.pk).is_approver
    client.post(reverse("account-member-remove", args=[member.pk]))
    assert not Membership.objects.filter(pk=member.pk).exists()


def test_the_pages_say_why_not(client, owner):
    client.force_login(owner.user)
    answer = client.post(reverse("account-member", args=[owner.pk]), {"role": "viewer"})
    assert (answer.status_code, "needs an owner" in answer.text) == (409, True)
    answer = client.post(reverse("account-member-remove", args=[owner.pk]))
    assert (answer.status_code, "needs an owner" in answer.text) == (409, True)


def test_others_see_the_members_and_no_more(client, owner):
    member = another(owner, "finance")
    client.force_login(member.user)
    listed = client.get(reverse("account-members")).text
    assert owner.user.username in listed
    assert reverse("account-member-remove", args=[owner.pk]) not in listed
    for name in ("account-member", "account-member-remove"):
        assert client.get(reverse(name, args=[owner.pk])).status_code == 403
    stranger = MembershipFactory()
    client.force_login(stranger.user)
    assert client.get(reverse("account-member", args=[owner.pk])).status_code == 404
