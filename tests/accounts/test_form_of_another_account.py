"""A form acts on the account that it was made for, or on none: two tabs, two accounts (R47)."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import ApiToken, CertificationRequest, Invitation, PartyProfile
from tests import factories
from tests.accounts.test_changing_party_details import DETAILS, OPTIONAL
from webhooks.models import WebhookEndpoint

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R47")]
HIDDEN = re.compile(r'<input type="hidden" name="for_account" value="([^"]*)">')


@pytest.fixture
def second(membership):
    """The same person's membership of another account."""
    return factories.MembershipFactory(account=factories.PartyProfileFactory().account, user=membership.user)


@pytest.fixture
def visit(membership, second) -> Client:
    client = Client()
    client.force_login(membership.user)
    return client


def opened(visit: Client, page: str) -> dict[str, str]:
    """What the page's form says of the account that it was made for."""
    return {"for_account": HIDDEN.findall(visit.get(page).text)[0]}


def test_details_typed_for_one_account_do_not_overwrite_another(visit, membership, second):
    form = opened(visit, "/account/details/")
    visit.post("/account/choose/", {"account": second.account.number})

    answer = visit.post("/account/details/", DETAILS | form)

    assert answer.status_code == 409
    assert membership.account.number in answer.text
    assert f"You now act for account {second.account.number}" in answer.text
    kept = {profile.account_id: profile.contact for profile in PartyProfile.objects.all()}
    assert "Li Lei" not in kept.values()


FORMS = {
    "/account/tokens/create/": {"name": "ERP", "scope": "apply", "days": "365"},
    "/account/webhooks/new/": {"url": "https://hooks.example/a"},
    "/account/certification/?kind=personal": {"name": "李雷"},
    "/account/members/invite/": {"email": "mei@customer.example", "role": "owner"},
}


@pytest.mark.parametrize("page", FORMS)
def test_nothing_is_made_for_the_wrong_account(visit, second, page):
    form = opened(visit, page)
    visit.post("/account/choose/", {"account": second.account.number})

    answer = visit.post(page, FORMS[page] | form)

    assert answer.status_code == 409
    assert not ApiToken.objects.exists()
    assert not WebhookEndpoint.objects.exists()
    assert not CertificationRequest.objects.exists()
    assert not Invitation.objects.exists()


def test_switching_back_leads_to_the_form(visit, membership, second):
    form = opened(visit, "/account/details/")
    visit.post("/account/choose/", {"account": second.account.number})
    page = "http://testserver/account/details/"

    refused = visit.post("/account/details/", DETAILS | form, headers={"Referer": page}).text
    back = re.findall(r'name="next" value="([^"]*)"', refused)[-1]
    answer = visit.post("/account/choose/", {"account": membership.account.number, "next": back})

    assert answer.url == page
    assert visit.post("/account/details/", DETAILS | form).status_code == 302
    assert PartyProfile.objects.get(account=membership.account).details() == DETAILS | OPTIONAL


def test_switching_leads_to_no_other_site(visit, second):
    given = {"account": second.account.number, "next": "https://evil.example/"}

    assert visit.post("/account/choose/", given).url == "/"


def test_a_form_that_names_no_account_is_for_members_of_one(visit, membership):
    assert visit.post("/account/details/", DETAILS).status_code == 409

    alone = Client()
    alone.force_login(factories.MembershipFactory().user)
    assert alone.post("/account/details/", DETAILS).status_code == 302


def test_an_account_of_others_is_not_named(visit):
    other = factories.AccountFactory(number="20099999", certification="enterprise", certified_name="上海别家有限公司")

    answer = visit.post("/account/details/", DETAILS | {"for_account": other.number})

    assert answer.status_code == 409
    assert "20099999" not in answer.text
    assert other.certified_name not in answer.text


def test_what_htmx_sends_is_refused_with_a_page(visit, membership, second):
    answer = visit.post("/contracts/EC1/remarks/", {"for_account": "x"}, headers={"HX-Request": "true"})

    assert answer["HX-Redirect"] == "/account/"
    assert "opened for another account" in visit.get("/account/").text


OTHERS = ("admin/", "registration/", "accounts/security/")
"""Folders of the back office, of signing in, and of how a person signs in."""
NO_ACCOUNT = {
    "base.html",  # signing out
    "accounts/account.html",  # choosing an account
    "accounts/invitation.html",  # for people who are no members yet
    "accounts/other_account.html",
    "contracts/verify.html",  # open to everyone
    "contracts/_verdict.html",
    "includes/for_account.html",
    "includes/language.html",
}
"""Templates whose forms do nothing for an account, beside those."""


def test_every_form_says_which_account_it_was_made_for():
    templates = Path(settings.BASE_DIR, "templates")
    without = {
        str(path.relative_to(templates)) for path in templates.rglob("*.html") if "{% csrf_token %}" in path.read_text()
    }

    assert {name for name in without if not name.startswith(OTHERS)} == NO_ACCOUNT
