"""Every page of members and invitations, by everybody: what they get, and that a refusal changes nothing (R26, R49)."""

from urllib.parse import urlencode

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from accounts.access.actors import actor_of
from accounts.invitations import invite_member
from accounts.models import Invitation, Membership
from emails.models import Notice
from tests import factories
from tests.emails.mail import acting
from tests.undone import undone

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R26"), pytest.mark.rule("R49"), pytest.mark.usefixtures("clock")]
ROLES = ("anonymous", "nobody", "staff", "stranger", "viewer", "finance", "owner", "invited")
"""Nobody has a user and no account; staff neither; the invited is a member of another account."""
SIGN_IN, OFFICE = 302, 302
MATRIX = {
    ("GET", "members/"): (SIGN_IN, 403, OFFICE, 200, 200, 200, 200, 200),
    ("GET", "members/invite/"): (SIGN_IN, 403, OFFICE, 200, 403, 403, 200, 200),
    ("POST", "members/invite/"): (SIGN_IN, 403, OFFICE, 302, 403, 403, 302, 302),
    ("POST", "members/invitations/{invitation}/resend/"): (SIGN_IN, 403, OFFICE, 404, 403, 403, 302, 404),
    ("POST", "members/invitations/{invitation}/withdraw/"): (SIGN_IN, 403, OFFICE, 404, 403, 403, 302, 404),
    ("GET", "members/{member}/"): (SIGN_IN, 403, OFFICE, 404, 403, 403, 200, 404),
    ("POST", "members/{member}/"): (SIGN_IN, 403, OFFICE, 404, 403, 403, 302, 404),
    ("GET", "members/{member}/remove/"): (SIGN_IN, 403, OFFICE, 404, 403, 403, 200, 404),
    ("POST", "members/{member}/remove/"): (SIGN_IN, 403, OFFICE, 404, 403, 403, 302, 404),
    ("GET", "link"): (200, 200, 200, 200, 200, 200, 200, 200),
    ("POST", "link"): (403, 403, 403, 403, 403, 403, 403, 302),
}
BODY = {"email": "new@customer.example", "role": "finance"}


class World:
    def __init__(self) -> None:
        self.owner = acting("owner@customer.example")
        self.member = acting("member@customer.example", account=self.owner.account, role="viewer")
        self.invited = acting("mei@customer.example")
        by = actor_of(self.owner, "page")
        self.invitation = invite_member(email="mei@customer.example", role="finance", by=by)

    def client(self, role: str) -> Client:
        client = Client()
        user = {
            "anonymous": lambda: None,
            "nobody": factories.UserFactory,
            "staff": lambda: factories.UserFactory(is_staff=True),
            "stranger": lambda: acting("stranger@else.example").user,
            "viewer": lambda: acting("viewer@customer.example", account=self.owner.account, role="viewer").user,
            "finance": lambda: acting("finance@customer.example", account=self.owner.account, role="finance").user,
            "owner": lambda: self.owner.user,
            "invited": lambda: self.invited.user,
        }[role]()
        if user:
            client.force_login(user)
        return client

    def path(self, path: str) -> str:
        if path == "link":
            return reverse("invitation", args=[self.invitation.derive_secret()])
        return "/account/" + path.format(invitation=self.invitation.pk, member=self.member.pk)


def everything() -> list[list]:
    models = (Membership, Invitation, Notice, get_user_model())
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.mark.parametrize("role", ROLES)
def test_each_gets_what_is_theirs(role, subtests):
    world = World()
    client = world.client(role)
    for (method, path), statuses in MATRIX.items():
        expected = statuses[ROLES.index(role)]
        with subtests.test(f"{method} {path}"), undone():
            before = everything()
            answer = client.generic(
                method,
                world.path(path),
                urlencode(BODY),
                content_type="application/x-www-form-urlencoded",
            )
            assert answer.status_code == expected
            may_change = method == "POST" and expected == 302 and role not in ("anonymous", "staff")
            assert (everything() != before) == may_change
