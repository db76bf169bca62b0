"""The pages of invitations: owners invite, and the link's page asks for what is missing and accepts by POST (R49)."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from accounts.access.actors import actor_of
from accounts.invitations import invite_member, withdraw_invitation
from accounts.models import Invitation, Membership, SecurityEvent
from accounts.views.invitations import NewUserThrottle
from tests.emails.mail import acting

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R49"), pytest.mark.usefixtures("clock")]
EMAIL = "mei@customer.example"
PASSWORD = "a-long-walk-by-the-river"
NEW_USER = {"username": "mei", "new_password1": PASSWORD, "new_password2": PASSWORD}
INVITE = "/account/members/invite/"


@pytest.fixture
def owner() -> Membership:
    return acting("owner@customer.example")


def of(member: Membership) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


def invited(owner: Membership, email: str = EMAIL) -> Invitation:
    return invite_member(email=email, role="viewer", by=actor_of(owner, "page"))


def link(invitation: Invitation) -> str:
    return reverse("invitation", args=[invitation.derive_secret()])


def test_an_owner_invites_sends_again_and_withdraws(owner):
    client = of(owner)
    assert client.get(INVITE).status_code == 200
    assert client.post(INVITE, {"email": EMAIL, "role": "viewer"}).url == "/account/members/"
    invitation = Invitation.objects.get()
    assert EMAIL in client.get("/account/members/").text
    assert client.get(reverse("account-member-resend", args=[invitation.pk])).status_code == 405
    client.post(reverse("account-member-resend", args=[invitation.pk]))
    assert Invitation.objects.get().links_sent == 2
    client.post(reverse("account-member-withdraw", args=[invitation.pk]))
    assert Invitation.objects.get().status == "withdrawn"


@pytest.mark.parametrize(("given", "status"), [({"email": "no", "role": "viewer"}, 400), ({"role": "boss"}, 400)])
def test_a_wrong_form_is_shown_again(owner, given, status):
    assert of(owner).post(INVITE, given).status_code == status
    assert not Invitation.objects.exists()


def test_a_member_is_not_invited_and_the_form_says_why(owner):
    answer = of(owner).post(INVITE, {"email": "owner@customer.example", "role": "viewer"})
    assert (answer.status_code, "already a member" in answer.text) == (409, True)


@pytest.mark.rule("R26")
@pytest.mark.parametrize("role", ["finance", "viewer"])
def test_others_see_the_invitations_and_no_more(owner, role):
    invitation, client = invited(owner), of(acting(account=owner.account, role=role))
    listed = client.get("/account/members/").text
    assert EMAIL in listed
    assert INVITE not in listed
    assert client.get(INVITE).status_code == client.post(INVITE, {"email": "a@b.example", "role": "owner"}).status_code
    for name in ("account-member-resend", "account-member-withdraw"):
        assert client.post(reverse(name, args=[invitation.pk])).status_code == 403
        assert of(acting("x@else.example")).post(reverse(name, args=[invitation.pk])).status_code == 404
    assert (Invitation.objects.get().status, Invitation.objects.get().links_sent) == ("open", 1)


def test_a_person_without_a_user_chooses_name_and_password_and_is_signed_in(owner):
    invitation, client = invited(owner), Client()
    assert "new_password1" in client.get(link(invitation)).text
    answer = client.post(link(invitation), NEW_USER)
    assert answer.url == "/account/"
    assert client.get("/account/").context["membership"].account == owner.account
    user = get_user_model().objects.get(username="mei")
    assert list(SecurityEvent.objects.filter(user=user).order_by("pk").values_list("kind", flat=True)) == [
        "invitation_accepted",
        "signed_in",
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"new_password1": "12345678", "new_password2": "12345678"},
        {"new_password1": "mei-customer", "new_password2": "mei-customer", "username": "mei-customer"},
        {"new_password2": "another"},
        {"username": "with space"},
        {"username": ""},
    ],
)
def test_a_weak_password_or_wrong_name_creates_nobody(owner, wrong):
    answer = Client().post(link(invited(owner)), NEW_USER | wrong)
    assert answer.status_code == 400
    assert not get_user_model().objects.filter(email=EMAIL).exists()
    assert Invitation.objects.get().status == "open"


def test_a_person_with_a_user_signs_in_first_and_then_accepts(owner):
    person, invitation, client = acting(EMAIL), invited(owner), Client()
    page = client.get(link(invitation))
    assert f"/login/?next={link(invitation)}" in page.text
    assert client.post(link(invitation), NEW_USER).status_code == 403
    signed_in = client.post(
        f"/login/?next={link(invitation)}", {"username": person.user.username, "password": "secret"}
    )
    assert signed_in.url == link(invitation)
    assert Membership.objects.filter(user=person.user).count() == 1  # nothing is accepted by GET
    assert client.post(link(invitation)).url == "/account/"
    assert client.get("/account/").context["membership"].account == owner.account


def test_somebody_else_is_told_and_changes_nothing(owner):
    client, invitation = of(acting("stranger@else.example")), invited(owner)
    assert "another email address" in client.get(link(invitation)).text
    assert client.post(link(invitation)).status_code == 403
    assert Invitation.objects.get().status == "open"


def test_an_unknown_used_or_withdrawn_link_is_refused_in_words(owner):
    assert Client().get("/invitations/made-up/").status_code == 404
    used, withdrawn = invited(owner), invited(owner, "b@customer.example")
    Client().post(link(used), NEW_USER)
    withdraw_invitation(invitation=withdrawn, by=actor_of(owner, "page"))
    for invitation, word in ((used, "accepted"), (withdrawn, "withdrawn")):
        for answer in (Client().get(link(invitation)), Client().post(link(invitation), NEW_USER | {"username": "b"})):
            assert (answer.status_code, word in answer.text) == (409, True)
    assert owner.account.memberships.count() == 2


def test_the_address_does_not_leak(owner):
    answer = Client().get(link(invited(owner)))
    assert answer["Referrer-Policy"] == "same-origin"
    assert "noindex" in answer["X-Robots-Tag"]
    assert "no-store" in answer["Cache-Control"]


def test_user_names_are_not_tried_without_end(owner, monkeypatch):
    monkeypatch.setattr(NewUserThrottle, "quota", 1)
    path = link(invited(owner))
    assert Client().post(path, NEW_USER | {"username": owner.user.username}).status_code == 400
    answer = Client().post(path, NEW_USER)
    assert (answer.status_code, int(answer["Retry-After"]) > 0) == (429, True)


def test_another_site_cannot_accept(owner):
    client = Client(enforce_csrf_checks=True)
    assert client.post(link(invited(owner)), NEW_USER).status_code == 403
    assert Invitation.objects.get().status == "open"
