"""Paying an order from the balance on its page: asked once more, with the balance before and after (R33, R26)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from billing.ledger import get_balance
from billing.models import LedgerEntry
from orders.models import Order
from tests import factories


@pytest.fixture
def visit(membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    return client


@pytest.fixture
def unpaid(membership):
    return factories.OrderFactory(account=membership.account)


def credit(account, amount):
    LedgerEntry.objects.create(account=account, amount=Decimal(amount), booked_at=timezone.now())


def pay(client, order, amount=None, **kwargs):
    given = {"amount": str(order.payable_amount if amount is None else amount)}
    return client.post(f"/orders/{order.number}/pay/balance/", given, **kwargs)


def status_of(order):
    return Order.objects.get(pk=order.pk).status


def test_the_confirm_page_shows_the_balance_before_and_after_and_pays_nothing(visit, unpaid, membership):
    credit(membership.account, "2000.00")

    text = visit.get(f"/orders/{unpaid.number}/pay/balance/").text

    assert "CNY 2,000.00" in text
    assert "CNY 919.50" in text
    assert status_of(unpaid) == "unpaid"


@pytest.mark.rule("R33")
def test_confirming_pays_and_shows_the_order_paid(visit, unpaid, membership):
    credit(membership.account, "2000.00")

    text = pay(visit, unpaid, follow=True).text

    assert f"Order {unpaid.number} was paid from the balance." in text
    assert status_of(unpaid) == "paid"
    assert get_balance(membership.account) == Decimal("919.50")


def test_a_double_click_pays_once_and_says_so(visit, unpaid, membership):
    credit(membership.account, "5000.00")

    pay(visit, unpaid)
    again = pay(visit, unpaid)

    assert again.status_code == 409
    assert "Nothing was changed." in again.text
    assert f"Order {unpaid.number} was paid on" in again.text
    assert get_balance(membership.account) == Decimal("3919.50")


@pytest.mark.rule("R33")
def test_a_balance_that_does_not_cover_it_says_what_is_missing(visit, unpaid, membership):
    credit(membership.account, "1000.00")

    assert "it is CNY 80.50 short" in visit.get(f"/orders/{unpaid.number}/pay/").text
    assert (
        '<button class="button button-primary">Pay CNY' not in visit.get(f"/orders/{unpaid.number}/pay/balance/").text
    )

    refused = pay(visit, unpaid)

    assert refused.status_code == 409
    assert "does not cover" in refused.text
    assert status_of(unpaid) == "unpaid"


def test_a_balance_in_another_currency_does_not_pay(visit, membership):
    credit(membership.account, "5000.00")
    dollars = factories.OrderFactory(account=membership.account, currency="USD")

    assert "Your balance is in CNY, but this order is in USD." in visit.get(f"/orders/{dollars.number}/pay/").text
    assert pay(visit, dollars).status_code == 409
    assert status_of(dollars) == "unpaid"


@pytest.mark.rule("R33")
@pytest.mark.parametrize(("amount", "status"), [("980.50", 409), ("1180.50", 409), ("", 400), ("a lot", 400)])
def test_what_was_not_agreed_to_is_not_paid(visit, unpaid, membership, amount, status):
    """The page was opened before the amount changed, or the form was tampered with."""
    credit(membership.account, "5000.00")

    answer = pay(visit, unpaid, amount)

    assert answer.status_code == status
    assert "Nothing was paid." in answer.text
    assert "CNY 1,080.50" in answer.text
    assert status_of(unpaid) == "unpaid"


@pytest.mark.rule("R10")
def test_after_the_deadline_the_page_explains(visit, membership):
    credit(membership.account, "5000.00")
    late = factories.OrderFactory(account=membership.account, ordered_at=timezone.now() - timedelta(days=8))

    answer = pay(visit, late)

    assert answer.status_code == 409
    assert "was not paid by its deadline" in answer.text
    assert not LedgerEntry.objects.filter(amount__lt=0).exists()


@pytest.mark.rule("R26")
@pytest.mark.parametrize("step", ["pay/balance/", "cancel/"])
def test_a_viewer_sees_no_buttons_and_may_do_nothing(membership, unpaid, step):
    credit(membership.account, "5000.00")
    viewer = Client()
    viewer.force_login(factories.MembershipFactory(account=membership.account, role="viewer").user)

    assert step not in viewer.get(f"/orders/{unpaid.number}/pay/").text
    assert viewer.get(f"/orders/{unpaid.number}/{step}").status_code == 403
    refused = viewer.post(f"/orders/{unpaid.number}/{step}", {"amount": "1080.50"})
    assert refused.status_code == 403
    assert "You have read-only access" in refused.text
    assert status_of(unpaid) == "unpaid"


@pytest.mark.rule("R26")
@pytest.mark.parametrize("step", ["pay/balance/", "cancel/"])
def test_another_accounts_order_is_not_found(visit, step):
    foreign = factories.OrderFactory()

    assert visit.get(f"/orders/{foreign.number}/{step}").status_code == 404
    assert visit.post(f"/orders/{foreign.number}/{step}", {"amount": "1080.50"}).status_code == 404
    assert status_of(foreign) == "unpaid"
