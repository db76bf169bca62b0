"""Apply for Contract: the type first, and a certified name before all (R11, R29)."""

import pytest

from tests import factories
from tests.contracts.pages.conftest import signed_in

pytestmark = pytest.mark.usefixtures("clock")


@pytest.mark.rule("R29")
@pytest.mark.parametrize("path", ["/contracts/", "/contracts/apply/"])
def test_the_choice_names_both_types_and_leads_to_their_pickers(visit, path):
    text = visit.get(path).text

    assert "Select the Contract Type" in text
    for label, address in (("Order contract", "order"), ("Payment request contract", "payment-request")):
        assert label in text
        assert f'href="/contracts/apply/{address}/"' in text


@pytest.mark.rule("R29")
def test_the_picker_shows_the_orders_of_the_type_chosen(visit, membership):
    paid = factories.PaidOrderFactory(account=membership.account)
    unpaid = factories.OrderFactory(account=membership.account)

    assert paid.number in visit.get("/contracts/apply/order/").text
    assert unpaid.number not in visit.get("/contracts/apply/order/").text
    assert unpaid.number in visit.get("/contracts/apply/payment-request/").text
    assert paid.number not in visit.get("/contracts/apply/payment-request/").text


@pytest.mark.rule("R11")
@pytest.mark.parametrize("path", ["", "order/", "payment-request/", "order/confirm/"])
def test_an_uncertified_account_is_sent_to_certification_with_the_reason(issuer, path):
    account = factories.AccountFactory(certification="none", certified_name="")
    visit = signed_in(factories.MembershipFactory(account=account))

    answer = visit.get(f"/contracts/apply/{path}", follow=True)

    assert answer.redirect_chain == [("/account/certification/", 302)]
    assert answer.text.count("This account is not certified.") == 1


@pytest.mark.rule("R11")
def test_nothing_is_guessed_from_the_name_of_a_certified_account(issuer):
    account = factories.AccountFactory(certification="personal", certified_name="Anthony Co")
    visit = signed_in(factories.MembershipFactory(account=account))

    assert visit.get("/contracts/apply/order/").status_code == 200


def test_there_is_no_third_type(visit):
    assert visit.get("/contracts/apply/framework/").status_code == 404
