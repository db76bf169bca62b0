"""The order pages: the list, one order, and how to pay it (R10, R13, R25, R26)."""

import re
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests import factories


@pytest.fixture
def visit(membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    return client


@pytest.fixture
def unpaid(membership):
    return factories.OrderFactory(account=membership.account)


@pytest.fixture
def paid(membership):
    return factories.PaidOrderFactory(account=membership.account)


@pytest.mark.rule("R26")
def test_the_list_shows_the_accounts_orders_alone(visit, paid, unpaid):
    foreign = factories.OrderFactory()

    text = visit.get("/orders/").text

    assert paid.number in text
    assert unpaid.number in text
    assert foreign.number not in text


@pytest.mark.rule("R26")
@pytest.mark.parametrize("path", ["", "pay/", "?panel=1"])
def test_another_accounts_order_is_not_found(visit, path):
    assert visit.get(f"/orders/{factories.OrderFactory().number}/{path}").status_code == 404


def test_the_list_is_narrowed_by_status_product_and_number(visit, paid, unpaid):
    for query in ("status=unpaid", f"q={unpaid.number}", f"q={unpaid.product.name[-6:].upper()}"):
        text = visit.get(f"/orders/?{query}").text
        assert unpaid.number in text
    assert paid.number not in visit.get("/orders/?status=unpaid").text
    assert "No matching orders" in visit.get("/orders/?q=nothing").text


@pytest.mark.parametrize("change", [str, str.lower, str.upper])
def test_an_order_is_found_by_its_number_in_any_case_and_then_alone(visit, membership, change):
    found = factories.OrderFactory(account=membership.account, number="FO77").number
    namesake = factories.OrderFactory(
        account=membership.account, product=factories.ProductFactory(name="FO77 support")
    ).number

    text = visit.get(f"/orders/?q={change('FO77')}").text

    assert f"/orders/{found}/" in text
    assert f"/orders/{namesake}/" not in text
    assert f"/orders/{namesake}/" in visit.get("/orders/?q=fo77+support").text


def test_an_order_is_found_by_a_part_of_its_number(visit, membership):
    order = factories.OrderFactory(account=membership.account, number="FOUP-2026-0077")
    foreign = factories.OrderFactory(number="FOUP-2026-0078")
    for typed in ("2026-007", "0077", "up2026", "７７"):
        text = visit.get("/orders/", {"q": typed}).text
        assert f"/orders/{order.number}/" in text
        assert foreign.number not in text
    assert "No matching orders" in visit.get("/orders/", {"q": "0078"}).text
    assert "No matching orders" in visit.get("/orders/", {"q": "-"}).text


def test_show_all_orders_keeps_the_text(visit, unpaid):
    nothing = visit.get(f"/orders/?q={unpaid.number}&status=paid").text
    links = re.findall(r'class="button" href="([^"]*)">Show all orders', nothing)
    assert links == [f"?q={unpaid.number}"]
    assert "Clear the search" in visit.get("/orders/?q=nothing").text


@pytest.mark.rule("R26")
def test_a_search_finds_nothing_of_another_account(visit):
    foreign = factories.OrderFactory()

    for query in (foreign.number, foreign.product.name):
        assert "No matching orders" in visit.get("/orders/", {"q": query}).text


@pytest.mark.rule("R10")
def test_an_unpaid_order_past_its_deadline_is_shown_cancelled_before_the_clock_has_run(visit, membership):
    late = factories.OrderFactory(account=membership.account, ordered_at=timezone.now() - timedelta(days=8))

    assert late.number in visit.get("/orders/?status=cancelled").text
    assert late.number not in visit.get("/orders/?status=unpaid").text
    assert "Nothing to pay" in visit.get(f"/orders/{late.number}/pay/").text


def test_an_order_shows_its_details(visit, paid):
    text = visit.get(f"/orders/{paid.number}/").text

    for shown in (paid.product.name, paid.configuration, paid.region, "CNY 1,200.00", "CNY 1,080.50", "New purchase"):
        assert shown in text


@pytest.mark.rule("R25")
def test_the_payment_page_offers_a_payment_request_contract_and_no_other(visit, unpaid):
    text = visit.get(f"/orders/{unpaid.number}/pay/").text

    assert "Apply for Payment Request Contract" in text
    assert f"/contracts/apply/payment-request/?order={unpaid.number}" in text
    assert "/contracts/apply/order/" not in text


def test_the_payment_page_says_what_to_pay_until_when(visit, unpaid, membership):
    text = visit.get(f"/orders/{unpaid.number}/pay/").text

    deadline = unpaid.payment_deadline.astimezone(membership.account.tzinfo)
    assert "CNY 1,080.50" in text
    assert f"{deadline:%Y-%m-%d %H:%M}" in text


@pytest.mark.rule("R13")
def test_the_payment_page_names_the_account_to_pay_to(visit, unpaid, membership, issuer):
    assert issuer.payee_account in visit.get(f"/orders/{unpaid.number}/pay/").text

    own = factories.RemittanceAccountFactory(account=membership.account)

    assert own.account_number in visit.get(f"/orders/{unpaid.number}/pay/").text


@pytest.mark.rule("R26")
def test_a_viewer_is_offered_no_contract(membership, unpaid):
    viewer = Client()
    viewer.force_login(factories.MembershipFactory(account=membership.account, role="viewer").user)

    assert "Apply for" not in viewer.get(f"/orders/{unpaid.number}/pay/").text


def test_the_list_is_narrowed_to_the_days_of_ordering_in_the_accounts_zone(visit, membership, clock):
    """23:30 in Shanghai is another day in UTC."""
    late = factories.OrderFactory(
        account=membership.account, ordered_at=datetime.fromisoformat("2026-11-20T23:30+08:00")
    )

    assert late.number in visit.get("/orders/?since=2026-11-20&until=2026-11-20").text
    assert late.number not in visit.get("/orders/?since=2026-11-21").text


def test_days_in_the_wrong_order_are_named_at_their_field(visit, unpaid):
    text = visit.get("/orders/?since=2026-11-30&until=2026-11-01").text

    assert "The last day is before the first." in text
    assert unpaid.number not in text


def test_an_order_of_a_closed_product_says_that_it_cannot_enter_a_contract(visit, membership):
    closed = factories.OrderFactory(account=membership.account, product__supports_contracts=False)

    for page in ("", "pay/"):
        text = visit.get(f"/orders/{closed.number}/{page}").text
        assert "does not support electronic contracts" in text
        assert "/help/#products" in text
        assert "Apply for Payment Request Contract" not in text


def test_the_payment_page_gives_the_order_number_as_the_reference(visit, unpaid, membership):
    factories.RemittanceAccountFactory(account=membership.account)

    text = visit.get(f"/orders/{unpaid.number}/pay/").text

    assert f'<dt>Reference</dt><dd class="code">{unpaid.number}</dd>' in text


def test_an_account_without_orders_is_told_so(visit):
    assert "No orders yet" in visit.get("/orders/").text


def test_the_list_takes_the_same_few_statements_whatever_it_shows(visit, membership, django_assert_max_num_queries):
    factories.OrderFactory.create_batch(60, account=membership.account)

    with django_assert_max_num_queries(6):  # two of which the search takes
        text = visit.get("/orders/?status=unpaid&since=2026-01-01&q=compute").text
    assert "status=unpaid&amp;since=2026-01-01&amp;q=compute&amp;page=2" in text
