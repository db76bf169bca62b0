"""A customer's people sign in at the customer's own provider, for their account and no other."""

import io
import sys

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import Account, AccountProvider, Membership, SecurityEvent
from emails.models import Notice
from tests import factories
from tests.accounts.sign_in.codes import is_signed_in
from tests.accounts.sign_in.test_provider import authorize as authorize_at
from tests.accounts.sign_in.test_provider import claim, failures, provider  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
EMAIL = "li@customer.example"


def set_provider(monkeypatch, account: Account, issuer: str, **options: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("a secret\n"))
    given = {"issuer": issuer, "client_id": "contracts", "domain": "customer.example", "role": "finance", **options}
    call_command("set_account_provider", account.number, **given, stdout=io.StringIO())


@pytest.fixture
def issuer(provider, settings, monkeypatch, company) -> str:  # noqa: F811 - the fixture
    """The running provider of the company."""
    address = provider()
    settings.OIDC_ISSUER = ""
    set_provider(monkeypatch, company, "https://replaced.example")
    AccountProvider.objects.update(issuer=address)
    return address


@pytest.fixture
def company(db) -> Account:
    return factories.AccountFactory()


def authorize(client: Client, company: Account, subject: str = "s-1") -> str:
    return authorize_at(client, subject, page=f"/login/provider/{company.number}/", next="/orders/")


def is_refused(client: Client, company: Account) -> bool:
    answer = client.get(authorize(client, company))
    return answer.status_code == 403 and not is_signed_in(client) and failures()[-1] == "provider: permission_denied"


def test_a_first_sign_in_makes_a_member_with_the_default_role(issuer, company, client):
    claim(issuer, email=EMAIL)
    assert client.get(authorize(client, company)).url == "/orders/"
    member = Membership.objects.get(account=company)
    assert (member.role, member.user.email, member.user.has_usable_password()) == ("finance", EMAIL, False)
    assert client.get("/orders/").status_code == 200
    event = SecurityEvent.objects.get(kind="role_changed", about=member.user)
    assert event.detail == f"account {company.number}: finance, by the sign-in provider"
    assert Notice.objects.filter(user=member.user, kind="role_changed").exists()


def test_a_member_with_the_address_is_linked_and_keeps_the_role(issuer, company, client):
    member = factories.MembershipFactory(account=company, role="owner", user__email=EMAIL.upper())
    claim(issuer, email=EMAIL)
    client.get(authorize(client, company))
    assert client.session["_auth_user_id"] == str(member.user_id)
    assert Membership.objects.get(account=company).role == "owner"
    again = Client()
    again.get(authorize(again, company))
    assert again.session["_auth_user_id"] == str(member.user_id)


def test_a_removed_member_is_refused(issuer, company, client):
    claim(issuer, email=EMAIL)
    client.get(authorize(client, company))
    Membership.objects.all().delete()
    assert is_refused(Client(), company)
    assert not Membership.objects.exists()


def test_a_member_of_another_account_too_is_refused(issuer, company, client):
    member = factories.MembershipFactory(account=company, user__email=EMAIL)
    factories.MembershipFactory(user=member.user)
    claim(issuer, email=EMAIL)
    assert is_refused(client, company)


@pytest.mark.parametrize("fields", [{"is_staff": True}, {"is_superuser": True}, {"is_active": False}])
def test_staff_and_inactive_members_are_refused(issuer, company, client, fields):
    factories.MembershipFactory(account=company, user__email=EMAIL, **{f"user__{k}": v for k, v in fields.items()})
    claim(issuer, email=EMAIL)
    assert is_refused(client, company)


@pytest.mark.parametrize("who", [{"email": EMAIL}, {"username": EMAIL}])
def test_a_user_who_is_no_member_is_not_taken_over(issuer, company, client, who):
    factories.MembershipFactory(user=factories.UserFactory(**who))
    claim(issuer, email=EMAIL)
    assert is_refused(client, company)
    assert not Membership.objects.filter(account=company).exists()


@pytest.mark.parametrize(
    "claims", [{"email": EMAIL, "email_verified": False}, {"email": "li@issuer.example"}, {"email": "li@evil.example"}]
)
def test_other_addresses_are_refused(issuer, company, client, claims):
    claim(issuer, **claims)
    assert is_refused(client, company)
    assert not User.objects.exists()


def test_the_address_leads_to_the_provider_and_the_page_may_go_there(issuer, company, client):
    assert client.post("/login/company/", {"email": "Li@Customer.Example"}).url == f"/login/provider/{company.number}/"
    page = client.get(f"/login/provider/{company.number}/")
    assert f"form-action 'self' {issuer}" in page["Content-Security-Policy"]
    assert "form-action 'self';" in client.get("/login/")["Content-Security-Policy"] + ";"


@pytest.mark.parametrize("email", ["li@nowhere.example", "li", "", "@customer.example"])
def test_other_companies_are_sent_back_to_their_password(issuer, client, email):
    assert client.post("/login/company/", {"email": email}).status_code == 400


@pytest.mark.parametrize("key", ["10", "staff", "<b>", "%00"])
def test_no_other_provider_is_there(issuer, client, key):
    for answer in (client.get(f"/login/provider/{key}/"), client.post(f"/login/provider/{key}/")):
        assert answer.status_code in (400, 404)


def test_the_secret_is_encrypted_and_the_provider_removed(issuer, company, client):
    assert "a secret" not in AccountProvider.objects.get().client_secret
    call_command("set_account_provider", company.number, remove=True, stdout=io.StringIO())
    assert client.get(f"/login/provider/{company.number}/").status_code == 404
    assert SecurityEvent.objects.filter(kind="provider_changed").count() == 2


@pytest.mark.parametrize(
    "options", [{"issuer": "http://plain.example"}, {"issuer": ""}, {"client_id": ""}, {"domain": "@x"}, {"domain": ""}]
)
def test_an_unsound_provider_is_not_set(company, monkeypatch, options):
    with pytest.raises(CommandError):
        set_provider(monkeypatch, company, **{"issuer": "https://login.customer.example", **options})
    assert not AccountProvider.objects.exists()


def test_a_domain_belongs_to_one_account(issuer, company, monkeypatch):
    with pytest.raises(CommandError, match=r"customer\.example belongs to the provider of another account"):
        set_provider(monkeypatch, factories.AccountFactory(), "https://login.other.example")
    with pytest.raises(CommandError, match="There is no account 7"):
        call_command("set_account_provider", "7", remove=True)
