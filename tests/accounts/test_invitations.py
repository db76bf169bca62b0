"""Invitations: for one address, once, for seven days; each change is logged and told to the people concerned (R49)."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.utils import timezone

from accounts import invitations
from accounts.access.actors import actor_of
from accounts.invitations import (
    accept_invitation,
    get_open_invitation,
    invite_member,
    join_as_new_user,
    resend_invitation,
    withdraw_invitation,
)
from accounts.models import Invitation, Membership, SecurityEvent
from common.errors import Refused
from contracts.operations.privacy.addresses import erase_address
from contracts.operations.retention import delete_expired
from emails.models import Notice
from emails.rendering import render_email
from emails.sending import send_due_emails
from tests import factories
from tests.emails.mail import acting

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R49"), pytest.mark.usefixtures("clock")]
EMAIL = "mei@customer.example"
PASSWORD = "a-long-walk-by-the-river"


@pytest.fixture
def owner() -> Membership:
    return acting("owner@customer.example")


def by(member: Membership):
    return actor_of(member, "page")


def invited(owner: Membership, email: str = EMAIL, role: str = "finance") -> Invitation:
    return invite_member(email=email, role=role, by=by(owner))


def refusal(call, **kwargs) -> Refused:
    with pytest.raises(Refused) as caught:
        call(**kwargs)
    return caught.value


def kinds(*, of=SecurityEvent) -> list[str]:
    return list(of.objects.order_by("pk").values_list("kind", flat=True))


def join(invitation: Invitation, username: str = "mei") -> Membership:
    return join_as_new_user(invitation=invitation, username=username, password=PASSWORD)


def test_an_owner_invites_and_a_person_without_a_user_joins(owner):
    invitation = invited(owner)
    member = join(invitation)
    assert (member.account, member.role, member.user.email) == (owner.account, "finance", EMAIL)
    assert member.user.check_password(PASSWORD)
    assert Invitation.objects.get().status == "accepted"


def test_a_person_with_a_user_joins_another_account(owner):
    elsewhere = acting(EMAIL)
    member = accept_invitation(invitation=invited(owner, EMAIL.upper()), user=elsewhere.user)
    assert {m.account for m in elsewhere.user.memberships.all()} == {elsewhere.account, owner.account}
    assert member.role == "finance"


def test_each_change_is_in_the_security_log_without_the_address(owner):
    withdrawn = invited(owner)
    withdraw_invitation(invitation=withdrawn, by=by(owner))
    joined = join(resend_invitation(invitation=invited(owner), by=by(owner)))
    assert kinds() == [
        *("member_invited", "invitation_withdrawn"),
        *("member_invited", "invitation_resent", "invitation_accepted"),
    ]
    events = SecurityEvent.objects.order_by("pk")
    assert [event.user_id for event in events] == [owner.user_id] * 4 + [joined.user_id]
    assert not any("@" in event.detail for event in events)


def test_the_people_concerned_get_an_email(owner):
    other, finance = (
        acting("second@customer.example", account=owner.account),
        acting(account=owner.account, role="finance"),
    )
    withdraw_invitation(invitation=invited(owner), by=by(owner))
    join(invited(owner))
    sent = list(Notice.objects.order_by("pk").values_list("kind", "address", "user"))
    assert sent[:3] == [
        ("member_invited", EMAIL, None),
        ("invitation_withdrawn", EMAIL, None),
        ("member_invited", EMAIL, None),
    ]
    assert set(sent[3:]) == {("member_joined", "", owner.user_id), ("member_joined", "", other.user_id)}
    assert finance.user_id not in {user for _kind, _address, user in sent}
    for notice in Notice.objects.all():
        assert owner.account.number in render_email(notice, address=EMAIL).body


def sent_secrets() -> list[str]:
    """The secrets of the links in the emails that went out."""
    send_due_emails()
    return [found[1] for message in mail.outbox if (found := re.search(r"/invitations/(\w+)/", message.body))]


@pytest.mark.django_db(transaction=True)
def test_the_link_is_in_the_email_and_its_secret_nowhere_else(owner):
    invitation = invited(owner)
    [secret] = sent_secrets()
    assert get_open_invitation(secret) == invitation
    stored = [str(Invitation.objects.values().get()), str(Notice.objects.values().get())]
    assert not any(secret in text for text in stored)
    shown_to_staff = render_email(Notice.objects.get(), address=EMAIL)
    assert secret not in shown_to_staff.body


@pytest.mark.django_db(transaction=True)
def test_sending_again_replaces_the_link(owner, clock):
    invitation = invited(owner)
    [first] = sent_secrets()
    clock.shift(timedelta(days=8))
    assert refusal(get_open_invitation, secret=first).code == "transition_not_allowed"
    resend_invitation(invitation=invitation, by=by(owner))
    second = sent_secrets()[-1]
    assert refusal(get_open_invitation, secret=first).code == "not_found"
    assert get_open_invitation(second) == invitation
    assert Invitation.objects.get().expires_at == timezone.now() + timedelta(days=7)


@pytest.mark.django_db(transaction=True)
def test_a_link_that_no_longer_works_is_not_sent(owner):
    invitation = invited(owner)
    resend_invitation(invitation=invitation, by=by(owner))
    withdraw_invitation(invitation=invitation, by=by(owner))
    assert sent_secrets() == []
    assert list(Notice.objects.filter(kind="member_invited").values_list("state", flat=True)) == ["failed"] * 2


@pytest.mark.parametrize(("late", "refused"), [(timedelta(0), True), (-timedelta(seconds=1), False)])
def test_it_is_valid_for_seven_days(owner, clock, late, refused):
    invitation = invited(owner)
    clock.shift(timedelta(days=7) + late)
    if refused:
        assert refusal(join, invitation=invitation).code == "transition_not_allowed"
        assert not get_user_model().objects.filter(email=EMAIL).exists()
    else:
        assert join(invitation).role == "finance"


def test_it_works_once(owner):
    invitation = invited(owner)
    join(invitation)
    for call, given in ((join, {"username": "another"}), (accept_invitation, {"user": factories.UserFactory()})):
        assert refusal(call, invitation=invitation, **given).code == "transition_not_allowed"
    assert owner.account.memberships.count() == 2


def test_a_withdrawn_one_is_neither_accepted_nor_sent_again(owner):
    invitation = withdraw_invitation(invitation=invited(owner), by=by(owner))
    assert refusal(join, invitation=invitation).code == "transition_not_allowed"
    for call in (resend_invitation, withdraw_invitation):
        assert refusal(call, invitation=invitation, by=by(owner)).code == "transition_not_allowed"


def test_it_is_for_the_invited_address_alone(owner):
    stranger = acting("stranger@else.example").user
    assert refusal(accept_invitation, invitation=invited(owner), user=stranger).code == "permission_denied"
    assert (owner.account.memberships.count(), Invitation.objects.get().status) == (1, "open")


def test_a_person_with_a_user_gets_no_second_one(owner):
    acting(EMAIL)
    assert refusal(join, invitation=invited(owner)).code == "transition_not_allowed"
    assert get_user_model().objects.filter(email=EMAIL).count() == 1


@pytest.mark.parametrize("username", ["", "with space", "OWNER", "erased-7", "x" * 151])
def test_a_wrong_or_taken_user_name_is_refused(owner, username):
    owner.user.username = "owner"
    owner.user.save()
    refused = refusal(join, invitation=invited(owner), username=username)
    assert (refused.code, refused.faults[0].pointer) == ("invalid", "/username")
    assert Invitation.objects.get().status == "open"


@pytest.mark.parametrize("role", ["finance", "viewer"])
def test_only_owners_invite_send_again_and_withdraw(owner, role):
    member, invitation = acting(account=owner.account, role=role), invited(owner)
    assert refusal(invite_member, email="a@b.example", role="viewer", by=by(member)).code == "permission_denied"
    for call in (resend_invitation, withdraw_invitation):
        assert refusal(call, invitation=invitation, by=by(member)).code == "permission_denied"
        assert refusal(call, invitation=invitation, by=by(acting("x@else.example"))).code == "not_found"


@pytest.mark.parametrize(
    ("email", "role", "code", "pointer"),
    [
        ("", "finance", "invalid", "/email"),
        ("nobody", "finance", "invalid", "/email"),
        (f"{'x' * 250}@b.example", "finance", "invalid", "/email"),
        ("new@customer.example", "boss", "invalid", "/role"),
        ("OWNER@customer.example", "finance", "transition_not_allowed", "/email"),
        (EMAIL.upper(), "viewer", "transition_not_allowed", "/email"),
    ],
)
def test_a_wrong_invitation_is_refused_at_its_field(owner, email, role, code, pointer):
    invited(owner)
    refused = refusal(invite_member, email=email, role=role, by=by(owner))
    assert (refused.code, refused.faults[0].pointer) == (code, pointer)
    assert Invitation.objects.count() == 1


def test_an_address_is_invited_again_after_its_invitation_expired(owner, clock):
    invited(owner)
    clock.shift(timedelta(days=7))
    invited(owner, EMAIL.upper())
    assert list(Invitation.objects.order_by("invited_at").values_list("status", flat=True)) == ["withdrawn", "open"]


def test_open_invitations_and_links_a_day_are_bounded(owner, clock, monkeypatch):
    monkeypatch.setattr(invitations, "MAX_OPEN_INVITATIONS", 2)
    monkeypatch.setattr(invitations, "MAX_LINKS_A_DAY", 3)
    first = invited(owner, "a@customer.example")
    invited(owner, "b@customer.example")
    assert refusal(invited, owner=owner, email="c@customer.example").code == "transition_not_allowed"
    resend_invitation(invitation=first, by=by(owner))
    assert refusal(resend_invitation, invitation=first, by=by(owner)).code == "throttled"
    assert Invitation.objects.get(pk=first.pk).links_sent == 2
    clock.shift(timedelta(days=1, seconds=1))
    resend_invitation(invitation=first, by=by(owner))


def test_expired_ones_are_deleted_after_a_while(owner, clock):
    invited(owner)
    clock.shift(timedelta(days=37))
    assert delete_expired(now=timezone.now())["invitations"] == 0
    clock.shift(timedelta(seconds=1))
    assert delete_expired(now=timezone.now())["invitations"] == 1


def test_an_erased_address_is_no_longer_invited(owner):
    invited(owner)
    assert erase_address(EMAIL.upper())["invitations"] == 1
    assert not Invitation.objects.exists()
