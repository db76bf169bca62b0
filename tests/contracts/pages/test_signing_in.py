"""Nobody sees a page of an account without signing in, and everyone lands where they belong."""

import pytest
from django.urls import reverse

from tests import factories

PAGES = [
    "/",
    "/contracts/",
    "/contracts/apply/",
    "/contracts/apply/order/",
    "/contracts/apply/payment-request/",
    "/contracts/apply/order/confirm/",
    "/contracts/EC1/",
    "/contracts/EC1/created/",
    "/contracts/EC1/document/",
    "/contracts/EC1/pages/1.png",
    "/contracts/EC1/convert/",
    "/contracts/EC1/void/",
    "/contracts/EC1/request-void/",
    "/orders/",
    "/orders/FO1/",
    "/orders/FO1/pay/",
    "/account/",
    "/account/password/",
]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.django_db
def test_a_page_asks_who_is_there(client, path):
    answer = client.get(path, follow=True)

    assert answer.redirect_chain[-1][0].startswith("/login/?next=")


def test_signing_in_leads_to_the_page_that_was_asked_for(client, membership):
    answer = client.post(
        "/login/?next=/orders/", {"username": membership.user.username, "password": "secret", "next": "/orders/"}
    )

    assert answer.url == "/orders/"


def test_signing_in_leads_nowhere_else(client, membership):
    given = {"username": membership.user.username, "password": "secret", "next": "https://evil.example/"}

    assert client.post("/login/", given).url == "/"


def test_a_wrong_password_is_told(client, membership):
    answer = client.post("/login/", {"username": membership.user.username, "password": "wrong"})

    assert "Wrong user name or password" in answer.text


def test_signing_out_is_a_post(visit):
    assert visit.get("/logout/").status_code == 405
    assert visit.post("/logout/").url == reverse("login")


def test_the_top_bar_names_the_console_and_the_account(visit, membership):
    page = visit.get("/contracts/").text

    assert "Management Console" in page
    assert "Financial Center" in page
    assert membership.account.number in page
    assert membership.account.certified_name in page


@pytest.mark.django_db
def test_finance_staff_without_an_account_go_to_the_admin(client):
    client.force_login(factories.UserFactory(is_staff=True))

    assert client.get("/contracts/").url == "/admin/"


@pytest.mark.rule("R26")
@pytest.mark.django_db
def test_an_integrator_is_told_that_these_pages_are_not_theirs(client):
    client.force_login(factories.UserFactory())

    answer = client.get("/contracts/")

    assert answer.status_code == 403
    assert "You are not a member of any account" in answer.text


@pytest.mark.rule("R26")
def test_a_member_of_two_accounts_chooses_one_and_sees_its_contracts_alone(visit, membership, draft):
    contract = draft()
    second = factories.MembershipFactory(user=membership.user)

    assert contract.number in visit.get("/contracts/").text
    visit.post("/account/choose/", {"account": second.account.number})

    assert contract.number not in visit.get("/contracts/").text
    assert visit.get(f"/contracts/{contract.number}/").status_code == 404


@pytest.mark.rule("R26")
def test_nobody_chooses_an_account_that_is_not_theirs(visit):
    other = factories.AccountFactory()

    assert visit.post("/account/choose/", {"account": other.number}).status_code == 404
