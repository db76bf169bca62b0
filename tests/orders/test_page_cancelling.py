"""Cancelling an unpaid order on its page, behind a page that says what it means (R20)."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.access.actors import actor_of
from contracts.models import Contract
from contracts.services import apply_for_contract
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


@pytest.mark.rule("R20")
def test_the_confirm_page_says_that_a_payment_request_contract_becomes_invalid(visit, unpaid):
    text = visit.get(f"/orders/{unpaid.number}/cancel/").text

    assert "A payment request contract that contains this order becomes invalid immediately" in text
    assert f"/contracts/?q={unpaid.number}" in text
    assert Order.objects.get(pk=unpaid.pk).status == "unpaid"


@pytest.mark.rule("R20")
def test_confirming_cancels_it_and_its_contract_is_invalid(visit, unpaid, membership):
    contract = apply_for_contract(
        type="payment_request", order_numbers=[unpaid.number], by=actor_of(membership, "page")
    )

    text = visit.post(f"/orders/{unpaid.number}/cancel/", follow=True).text

    assert f"Order {unpaid.number} was cancelled." in text
    assert Contract.objects.with_status_at(timezone.now()).get(pk=contract.pk).status_at == "invalid"


def test_a_second_click_says_that_it_is_cancelled(visit, unpaid):
    visit.post(f"/orders/{unpaid.number}/cancel/")
    again = visit.post(f"/orders/{unpaid.number}/cancel/")

    assert again.status_code == 409
    assert f"Order {unpaid.number} was cancelled on" in again.text


def test_an_order_paid_meanwhile_is_not_cancelled(visit, membership):
    paid = factories.PaidOrderFactory(account=membership.account)

    answer = visit.post(f"/orders/{paid.number}/cancel/")

    assert answer.status_code == 409
    assert f"Order {paid.number} was paid on" in answer.text
    assert Order.objects.get(pk=paid.pk).status == "paid"


def test_the_payment_page_of_a_refunded_order_explains(visit, membership):
    order = factories.PaidOrderFactory(account=membership.account)
    order.refund(at=timezone.now())
    order.save()

    assert f"Order {order.number} was refunded on" in visit.get(f"/orders/{order.number}/pay/").text
