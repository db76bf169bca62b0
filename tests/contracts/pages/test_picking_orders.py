"""The picker: its rows, its filters, and what it keeps (R1, R7–R10, R14, R25, R30)."""

import re
from datetime import datetime, timedelta

import pytest

from contracts.models import Selection
from tests import factories

ORDER = "/contracts/apply/order/"
REQUEST = "/contracts/apply/payment-request/"
pytestmark = pytest.mark.usefixtures("clock")


def rows(answer) -> list[str]:
    """The order numbers of the table, from the top."""
    return re.findall(r'name="shown" value="(\w+)"', answer.text)


def checked(answer) -> list[str]:
    return re.findall(r'value="(\w+)"[^>]* checked', answer.text)


def at(given: dict) -> dict:
    """Times may be given as ISO 8601."""
    return {name: datetime.fromisoformat(v) if name.endswith("_at") else v for name, v in given.items()}


@pytest.fixture
def paid(membership):
    def make(**kwargs):
        return factories.PaidOrderFactory(account=membership.account, **at(kwargs))

    return make


@pytest.fixture
def unpaid(membership):
    def make(**kwargs):
        return factories.OrderFactory(account=membership.account, **at(kwargs))

    return make


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


@pytest.mark.rule("R8")
@pytest.mark.rule("R14")
def test_selected_orders_come_first_whatever_the_filters(visit, paid):
    old = paid(ordered_at="2026-01-05T12:00:00+08:00")
    new = paid()
    answer = visit.post(f"{ORDER}?since=2026-01-01", {"order_numbers": [old.number], "search": "1"}, follow=True)

    assert rows(answer) == [old.number, new.number]
    assert checked(answer) == [old.number]

    narrowed = visit.get(answer.redirect_chain[-1][0] + "&product=nothing")
    assert rows(narrowed) == [old.number]


@pytest.mark.rule("R14")
def test_paging_and_searching_keep_what_is_checked(visit, paid, monkeypatch):
    monkeypatch.setattr("contracts.views.picker.PAGE_SIZE", 2)
    orders = [paid(ordered_at=f"2026-11-{day}T12:00:00+08:00") for day in (20, 19, 18, 17)]
    numbers = [order.number for order in orders]
    wide = {"since": "2026-01-01", "until": ""}

    first = visit.post(ORDER, {"shown": numbers[:2], "order_numbers": [numbers[0]], "page": "2", **wide}, follow=True)
    assert rows(first) == numbers[2:]
    second = visit.post(
        first.redirect_chain[-1][0],
        {"shown": numbers[2:], "order_numbers": [numbers[3]], "search": "1", "product": "zzz", **wide},
        follow=True,
    )

    assert checked(second) == [numbers[0], numbers[3]]
    [selection] = Selection.objects.all()
    assert selection.order_numbers == [numbers[0], numbers[3]]


@pytest.mark.rule("R14")
def test_what_is_unchecked_leaves_the_selection(visit, paid):
    one, two = paid().number, paid().number
    answer = visit.post(ORDER, {"order_numbers": [one, two], "search": "1"})

    visit.post(answer.url, {"shown": [one, two], "order_numbers": [two], "search": "1"})

    assert Selection.objects.get().order_numbers == [two]


@pytest.mark.rule("R14")
def test_the_selection_is_there_after_signing_in_again(visit, membership, paid):
    number = paid().number
    address = visit.post(ORDER, {"order_numbers": [number], "search": "1"}).url
    visit.post("/logout/")
    visit.force_login(membership.user)

    assert checked(visit.get(address)) == [number]


def test_count_and_total_of_the_selection_are_shown(visit, paid):
    numbers = [paid().number for _ in range(3)]

    answer = visit.post(ORDER, {"order_numbers": numbers, "search": "1"}, follow=True)

    assert "<strong data-picked-count>3</strong>" in answer.text
    assert "CNY 3,241.50" in answer.text


def test_next_leads_to_confirming(visit, paid):
    answer = visit.post(ORDER, {"order_numbers": [paid().number], "next": "1"})

    assert answer.url == f"/contracts/apply/order/confirm/?selection={Selection.objects.get().pk}"


@pytest.mark.rule("R1")
def test_next_without_an_order_stays_and_says_so(visit, paid):
    paid()

    answer = visit.post(ORDER, {"next": "1"}, follow=True)

    assert "Select at least one order." in answer.text
    assert answer.request["PATH_INFO"] == ORDER


@pytest.mark.rule("R1")
def test_more_than_200_orders_stop_here_and_nothing_is_lost(visit, membership):
    numbers = [order.number for order in factories.PaidOrderFactory.create_batch(201, account=membership.account)]

    answer = visit.post(ORDER, {"order_numbers": numbers, "next": "1"}, follow=True)

    assert answer.request["PATH_INFO"] == ORDER
    assert "A contract can include at most 200 orders; 201 are selected. Deselect 1 of them" in answer.text
    assert len(Selection.objects.get().order_numbers) == 201


@pytest.mark.rule("R26")
def test_an_order_of_another_account_does_not_enter_the_selection(visit):
    foreign = factories.PaidOrderFactory()

    visit.post(ORDER, {"order_numbers": [foreign.number], "search": "1"})

    assert Selection.objects.get().order_numbers == []


@pytest.mark.rule("R25")
def test_the_order_of_the_payment_page_is_selected_already(visit, unpaid):
    number = unpaid().number
    unpaid()

    answer = visit.get(f"{REQUEST}?order={number}")

    assert checked(answer) == [number]
    assert rows(answer)[0] == number
    visit.post(REQUEST, {"shown": rows(answer), "order_numbers": checked(answer), "next": "1"})
    assert Selection.objects.get().order_numbers == [number]


@pytest.mark.rule("R25")
def test_an_order_that_is_none_of_the_pickers_is_named(visit):
    answer = visit.get(f"{REQUEST}?order=FO404")

    assert checked(answer) == []
    assert "FO404" in answer.text
    assert "removed from the selection" in answer.text


def test_an_order_that_was_paid_meanwhile_is_named_and_leaves(visit, unpaid, clock):
    order = unpaid()
    address = visit.post(REQUEST, {"order_numbers": [order.number], "search": "1"}).url
    order.pay(at=order.ordered_at + timedelta(minutes=5))
    order.save()

    answer = visit.get(address)
    assert "removed from the selection" in answer.text

    visit.post(address, {"shown": rows(answer), "search": "1"})
    assert Selection.objects.get().order_numbers == []


@pytest.mark.rule("R30")
def test_an_order_number_leads_to_the_orders_details(visit, paid):
    order = paid()

    assert f'href="/orders/{order.number}/" hx-boost="true"' in visit.get(ORDER).text
    panel = visit.get(f"/orders/{order.number}/?panel=1").text
    assert order.configuration in panel
    assert "<html" not in panel


def test_applying_again_selects_the_orders_of_the_contract_that_ended(visit, voided):
    answer = visit.post(f"/contracts/{voided.number}/reapply/", follow=True)

    assert answer.request["PATH_INFO"] == ORDER
    assert checked(answer) == voided.order_numbers


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


def test_all_orders_of_a_page_are_selected_without_scripts_too(visit, paid):
    free = {paid().number, paid().number}
    barred = paid(product=factories.ProductFactory(supports_contracts=False)).number
    assert "<noscript>" in visit.get(ORDER).text
    answer = visit.post(ORDER, {"shown": [*free, barred], "all": "1"})

    assert set(Selection.objects.get().order_numbers) == free
    assert set(checked(visit.get(answer.url))) == free


@pytest.mark.rule("R9")
def test_payment_requests_open_on_the_orders_of_the_current_month_too(visit, unpaid, clock):
    now = unpaid(ordered_at="2026-11-20T12:00:00+08:00")
    clock.move_to(datetime.fromisoformat("2026-12-02T12:00:00+08:00"))
    unpaid(ordered_at="2026-11-29T12:00:00+08:00")
    new = unpaid(ordered_at="2026-12-01T00:00:00+08:00")

    assert rows(visit.get(REQUEST)) == [new.number]
    assert now.number not in visit.get(f"{REQUEST}?since=2026-11-01").text  # past its deadline
