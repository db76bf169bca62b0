"""manage.py create_api_token: a token for one member of one account, printed alone."""

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import ApiToken
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R26")]


def token_for(capsys, *arguments: str) -> str:
    call_command("create_api_token", *arguments)
    out, err = capsys.readouterr()
    assert out == out.strip() + "\n"
    assert err == ""
    return out.strip()


def refusal(*arguments: str) -> str:
    with pytest.raises(CommandError) as error:
        call_command("create_api_token", *arguments)
    assert not ApiToken.objects.exists()
    return str(error.value)


def account_of(token: str) -> str:
    answer = Client(headers={"Authorization": f"Token {token}"}).get("/api/v1/account/")
    assert answer.status_code == 200
    return answer.json()["number"]


def test_the_token_acts_for_the_members_account(capsys):
    membership = factories.MembershipFactory(user__username="li")
    token = token_for(capsys, "li")
    assert account_of(token) == membership.account.number
    assert token not in str(ApiToken.objects.values().get())


def test_every_call_makes_another_token(capsys):
    factories.MembershipFactory(user__username="li")
    assert token_for(capsys, "li") != token_for(capsys, "li")
    assert ApiToken.objects.count() == 2


def test_a_member_of_several_accounts_chooses_one(capsys):
    user = factories.UserFactory(username="li")
    for number in ("10000001", "10000002"):
        factories.MembershipFactory(user=user, account__number=number)
    assert refusal("li") == "li is a member of several accounts. Choose one with --account: 10000001, 10000002."
    for typed in ("10000002", " １０００\u200b０００２ "):
        assert account_of(token_for(capsys, "li", "--account", typed)) == "10000002"


def test_an_integrators_token_has_no_account(capsys):
    user = factories.UserFactory(username="feed")
    user.user_permissions.add(Permission.objects.get(codename="integrate"))
    client = Client(headers={"Authorization": f"Token {token_for(capsys, 'feed')}"})
    assert client.get("/api/v1/account/").status_code == 403
    assert client.get("/api/v1/orders/").status_code == 200
    assert ApiToken.objects.get().membership is None


def test_an_integrators_token_has_all_scopes_or_the_chosen_ones(capsys):
    user = factories.UserFactory(username="feed")
    user.user_permissions.set(Permission.objects.filter(codename__in=("integrate", "integrate_accounts")))
    for arguments, scopes in (((), "accounts orders"), (("--scope", "accounts"), "accounts")):
        token_for(capsys, "feed", *arguments)
        assert ApiToken.objects.get().scopes == scopes
        ApiToken.objects.all().delete()
    assert refusal("feed", "--scope", "contracts") == "feed cannot have the scope contracts, but accounts, orders."
    factories.MembershipFactory(user__username="li")
    assert refusal("li", "--scope", "accounts") == "li is not an integrator. --scope is only for integrators."


def test_a_token_is_named_may_be_for_reading_and_expire(capsys, clock):
    factories.MembershipFactory(user__username="li")
    token_for(capsys, "li", "--name", "reports", "--read-only", "--days", "30")
    token = ApiToken.objects.get()
    assert (token.name, token.scope) == ("reports", "read")
    assert token.expiry.isoformat() == "2026-12-22T04:00:00+00:00"


def test_a_token_is_revoked_by_how_it_begins(capsys):
    factories.MembershipFactory(user__username="li")
    secret = token_for(capsys, "li", "--name", "reports")
    with pytest.raises(CommandError, match="at least the first 8"):
        call_command("revoke_api_token", secret[:7])
    with pytest.raises(CommandError, match="No token has this beginning"):
        call_command("revoke_api_token", "0" * 64)
    call_command("revoke_api_token", secret[:8])
    assert capsys.readouterr().out == "Revoked: reports of li.\n"
    assert not ApiToken.objects.exists()


def test_those_who_cannot_have_one_are_told_why():
    factories.UserFactory(username="stranger")
    factories.MembershipFactory(user__username="gone", user__is_active=False)
    factories.MembershipFactory(user__username="li", account__number="10000001")
    assert refusal("nobody") == "There is no user nobody."
    assert refusal("stranger") == "stranger is not a member of any account and not an integrator."
    assert (
        refusal("stranger", "--account", "10000001") == "stranger is not a member of any account and not an integrator."
    )
    assert refusal("li", "--days", "0") == "--days must be 1 or more."
    assert refusal("gone") == "gone is not active, so the token would not work."
    assert refusal("li", "--account", "10000009") == "li is not a member of account 10000009, but of 10000001."
