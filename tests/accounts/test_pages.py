"""The account page: certification, money, details, members (R11, R12, R13)."""

from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from billing.models import LedgerEntry
from tests import factories


def signed_in(membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    return client


def test_a_certified_account_shows_its_name_details_and_members(membership):
    factories.MembershipFactory(account=membership.account, role="viewer", user__username="reader")

    text = signed_in(membership).get("/account/").text

    for shown in (
        membership.account.certified_name,
        "Enterprise certification",
        membership.account.profile.address,
        "reader",
        "Viewer",
    ):
        assert shown in text
    assert "cannot apply for contracts yet" not in text


@pytest.mark.rule("R11")
def test_an_uncertified_account_is_told_what_to_do(issuer):
    account = factories.AccountFactory(certification="none", certified_name="")

    text = signed_in(factories.MembershipFactory(account=account)).get("/account/").text

    assert "This account cannot apply for contracts yet." in text
    assert 'href="/account/certification/"' in text


@pytest.mark.rule("R12")
def test_details_that_were_never_given_are_called_so(issuer):
    assert "None yet." in signed_in(factories.MembershipFactory()).get("/account/").text


@pytest.mark.rule("R13")
def test_the_remittance_account_is_the_own_one_or_the_general_one(membership, issuer):
    visit = signed_in(membership)
    assert issuer.payee_account in visit.get("/account/").text

    own = factories.RemittanceAccountFactory(account=membership.account)

    assert own.account_number in visit.get("/account/").text
    assert issuer.payee_account not in visit.get("/account/").text


def test_the_balance_is_the_sum_of_the_ledger(membership):
    for amount in ("1500.00", "-265.50"):
        LedgerEntry.objects.create(account=membership.account, amount=Decimal(amount), booked_at=timezone.now())

    assert "CNY 1,234.50" in signed_in(membership).get("/account/").text


@pytest.mark.django_db
def test_it_opens_before_an_issuer_is_set_up():
    assert signed_in(factories.MembershipFactory()).get("/account/").status_code == 200
