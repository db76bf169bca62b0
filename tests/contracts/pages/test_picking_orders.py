"""The rows of the picker: which orders it shows, and which of them can be picked (R6–R10, R30)."""

import re
from datetime import datetime

import pytest

from tests import factories
from tests.contracts.pages.picking import ORDER, REQUEST, rows

pytestmark = pytest.mark.usefixtures("clock")


@pytest.mark.rule("R9")
def test_it_opens_on_the_orders_paid_in_the_current_month_of_the_accounts_zone(visit, paid, clock):
    month_begins = "2026-10-31T16:00:00+00:00"  # midnight in Shanghai
    inside = paid(ordered_at="2026-10-31T15:00:00+00:00", paid_at=month_begins)
    before = paid(ordered_at="2026-10-31T15:00:00+00:00", paid_at="2026-10-31T15:59:59+00:00")

    assert rows(visit.get(ORDER)) == [inside.number]
    assert set(rows(visit.get(f"{ORDER}?since=2026-10-31&until="))) == {inside.number, before.number}


@pytest.mark.rule("R9")
def test_a_product_is_found_by_part_of_its_name_or_by_its_code(visit, paid):
    database = paid(product=factories.ProductFactory(name="Relational Database", code="rds"))
    paid()

    assert rows(visit.get(f"{ORDER}?product=database")) == [database.number]
    assert rows(visit.get(f"{ORDER}?product=RDS")) == [database.number]


@pytest.mark.rule("R9")
def test_an_order_is_found_by_its_number_whatever_its_day(visit, paid, unpaid):
    old = paid(number="FOUP77", ordered_at="2026-02-01T12:00:00+08:00", paid_at="2026-02-01T13:00:00+08:00")
    paid(number="FOUP778")
    unpaid(number="FO_1")

    days = {"since": "2026-11-01", "until": "2026-11-30"}
    for typed in ("FOUP77", " foup-77 ", "ＦＯＵＰ７７"):
        sent = visit.post(ORDER, {"product": typed, "search": "1", **days})
        assert rows(visit.get(sent.url)) == [old.number]
    assert rows(visit.get(ORDER, {"product": "FO_1"})) == []


@pytest.mark.rule("R10")
def test_unpaid_orders_show_deadline_and_unpaid_amount_and_leave_at_the_deadline(visit, unpaid, clock):
    order = unpaid(ordered_at="2026-11-16T12:00:00+08:00")

    text = visit.get(REQUEST).text
    assert "Latest payment deadline" in text
    assert "2026-11-23 12:00" in text
    assert "Unpaid amount" in text
    assert "CNY 1,080.50" in text

    clock.move_to("2026-11-23T12:00:00+08:00")
    assert order.number not in visit.get(REQUEST).text


@pytest.mark.rule("R6")
@pytest.mark.rule("R8")
def test_a_product_without_contracts_is_shown_disabled_with_the_reason(visit, paid):
    order = paid(product=factories.ProductFactory(supports_contracts=False))

    answer = visit.get(ORDER)

    assert rows(answer) == [order.number]
    assert re.search(rf'value="{order.number}"[^>]* disabled', answer.text)
    assert "does not support electronic contracts" in answer.text


@pytest.mark.rule("R7")
@pytest.mark.rule("R8")
def test_an_order_in_a_live_contract_is_shown_disabled_with_a_link_to_it(visit, draft):
    contract = draft()

    text = visit.get(ORDER).text

    assert re.search(rf'value="{contract.order_numbers[0]}"[^>]* disabled', text)
    assert f'href="/contracts/{contract.number}/"' in text


@pytest.mark.rule("R7")
def test_an_order_of_a_voided_contract_can_be_picked_again(visit, voided):
    assert not re.search(rf'value="{voided.order_numbers[0]}"[^>]* disabled', visit.get(ORDER).text)


@pytest.mark.rule("R30")
def test_an_order_number_leads_to_the_orders_details(visit, paid):
    order = paid()

    assert f'href="/orders/{order.number}/" hx-boost="true"' in visit.get(ORDER).text
    panel = visit.get(f"/orders/{order.number}/?panel=1").text
    assert order.configuration in panel
    assert "<html" not in panel


@pytest.mark.parametrize(
    ("picker", "type_", "factory"),
    [(ORDER, "order", factories.PaidOrderFactory), (REQUEST, "payment_request", factories.OrderFactory)],
)
@pytest.mark.parametrize("count", [2, 70], ids=["a few rows", "more than a page"])
def test_the_picker_takes_the_same_few_statements_whatever_it_shows(
    visit, membership, draft, django_assert_max_num_queries, picker, type_, factory, count
):
    draft(type_, orders=3)
    orders = factory.create_batch(count, account=membership.account)
    address = visit.post(picker, {"order_numbers": [order.number for order in orders[:9]], "search": "1"}).url

    with django_assert_max_num_queries(8):
        visit.get(address)


@pytest.mark.rule("R9")
def test_payment_requests_open_on_the_orders_of_the_current_month_too(visit, unpaid, clock):
    now = unpaid(ordered_at="2026-11-20T12:00:00+08:00")
    clock.move_to(datetime.fromisoformat("2026-12-02T12:00:00+08:00"))
    unpaid(ordered_at="2026-11-29T12:00:00+08:00")
    new = unpaid(ordered_at="2026-12-01T00:00:00+08:00")

    assert rows(visit.get(REQUEST)) == [new.number]
    assert now.number not in visit.get(f"{REQUEST}?since=2026-11-01").text  # past its deadline
