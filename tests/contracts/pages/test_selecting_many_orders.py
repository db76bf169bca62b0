"""Selecting many orders in the picker: all results, pasted numbers, hiding and sorting (R1, R8, R14)."""

import re

import pytest
from django.utils import timezone

from contracts.models import Selection
from contracts.services import selections
from tests import factories
from tests.contracts.pages.picking import ORDER, REQUEST, checked, rows

pytestmark = [pytest.mark.rule("R8"), pytest.mark.usefixtures("clock")]


def selected() -> list[str]:
    return Selection.objects.get().order_numbers


def buttons(page) -> list[str]:
    return [text.strip() for text in re.findall(r'<button[^>]*name="results"[^>]*>(.*?)</button>', page.text)]


@pytest.fixture
def barred(paid):
    return paid(product=factories.ProductFactory(supports_contracts=False))


def test_all_results_are_selected_and_what_is_barred_is_not(visit, paid, barred):
    numbers = {paid().number, paid().number}
    old = paid(ordered_at="2026-01-05T12:00:00+08:00")
    assert buttons(visit.get(ORDER)) == ["Select all 2 results"]

    page = visit.post(ORDER, {"results": "all"}, follow=True)

    assert set(selected()) == set(checked(page)) == numbers
    assert "2 orders added to the selection" in page.text
    assert buttons(page) == []
    assert old.number not in page.text


def test_results_of_the_search_are_added_to_what_is_selected(visit, paid):
    redis = factories.ProductFactory(name="Redis")
    first, second, third = paid(), paid(product=redis), paid(product=redis)
    given = {"product": "redis", "since": "2026-11-01", "until": "2026-11-30"}

    visit.post(ORDER, {"order_numbers": [first.number], "results": "all", **given})

    assert set(selected()) == {first.number, second.number, third.number}


@pytest.mark.rule("R1")
def test_more_results_than_a_contract_can_include(visit, membership):
    product = factories.ProductFactory()
    for i in range(230):
        factories.PaidOrderFactory(account=membership.account, product=product, payable_amount=i, list_amount=999)
    page = visit.get(ORDER)
    assert buttons(page) == ["Select the first 200 of 230 results", "Select all 230, for several contracts"]

    visit.post(ORDER, {"results": "contract", "sort": "-amount"})
    assert len(selected()) == 200
    cheapest = visit.get(ORDER, {"sort": "amount"})
    assert not set(rows(cheapest)[:30]) & set(selected())


@pytest.mark.rule("R1")
def test_230_selected_are_trimmed_to_the_200_shown_first_in_one_click(visit, membership):
    product = factories.ProductFactory()
    for i in range(230):
        factories.PaidOrderFactory(account=membership.account, product=product, payable_amount=i, list_amount=999)
    address = visit.post(ORDER, {"results": "all"}).url
    assert len(selected()) == 230

    visit.post(address, {"first": "1", "sort": "-amount"})

    assert len(selected()) == 200
    amounts = selections.get_picked(Selection.objects.get(), now=timezone.now(), sort="amount").orders
    assert amounts[0].payable_amount == 30


def test_a_selection_holds_at_most_so_many_orders(visit, paid, monkeypatch):
    for name in ("contracts.services.selections", "contracts.views.picker_filters"):
        monkeypatch.setattr(f"{name}.MAX_SELECTED", 2)
    for _ in range(3):
        paid()
    monkeypatch.setattr("contracts.eligibility.MAX_ORDERS", 1)

    page = visit.get(ORDER)
    assert buttons(page) == ["Select the first 200 results", "Select the first 2, for several contracts"]
    visit.post(ORDER, {"results": "all"})

    assert len(selected()) == 2


def test_pasted_numbers_are_selected_whatever_their_form_and_days(visit, paid):
    first, second = paid(number="FO-A1", ordered_at="2026-01-05T12:00:00+08:00"), paid(number="FO/B2")
    third = paid(number="订单3")

    page = visit.post(ORDER, {"pasted": "fo-a1\r\nＦＯ／Ｂ２；订单3, FOA1", "paste": "1"}, follow=True)

    assert set(selected()) == {first.number, second.number, third.number}
    assert page.redirect_chain
    assert "3 orders added" in page.text


def test_each_pasted_number_that_cannot_be_selected_is_named_with_the_reason(visit, paid, unpaid, barred, draft):
    free, wrong, held = paid(), unpaid(), draft()
    foreign = factories.PaidOrderFactory()
    numbers = [free.number, wrong.number, barred.number, *held.order_numbers, foreign.number, "NOPE"]

    page = visit.post(ORDER, {"pasted": "\n".join(numbers), "paste": "1"})

    assert page.status_code == 200
    assert selected() == [free.number]
    for reason in (
        f"Order {wrong.number} is unpaid",
        f"(order {barred.number}) does not support electronic contracts",
        f"Order {held.order_numbers[0]} is in contract {held.number}",
        f"Order {foreign.number} was not found in this account",
        "Order NOPE was not found in this account",
    ):
        assert reason in page.text
    assert f"{foreign.number}\nNOPE</textarea>" in page.text


def test_a_pasted_number_of_two_orders_is_named_unless_it_is_exact(visit, paid):
    paid(number="AB1"), paid(number="ab-1")

    page = visit.post(ORDER, {"pasted": "Ab1", "paste": "1"})
    assert "Ab1 is the number of several orders: AB1, ab-1" in page.text
    visit.post(ORDER + f"?selection={Selection.objects.get().pk}", {"pasted": "ab-1", "paste": "1"})

    assert selected() == ["ab-1"]


def test_too_many_pasted_numbers_are_refused_before_any_is_looked_up(visit, paid, django_assert_max_num_queries):
    paid()
    with django_assert_max_num_queries(20):
        page = visit.post(ORDER, {"pasted": " ".join(f"N{i}" for i in range(2001)), "paste": "1"})

    assert "At most 2000 order numbers at once; these are 2001" in page.text
    assert selected() == []


@pytest.mark.parametrize("text", ["", " ,;\n", "a" * 5000, "'; drop table"])
def test_odd_pasted_text_does_no_harm(visit, text):
    assert visit.post(ORDER, {"pasted": text, "paste": "1"}, follow=True).status_code == 200
    assert selected() == []


@pytest.mark.rule("R7")
def test_what_cannot_be_selected_is_hidden_on_request_and_a_lapsed_contract_holds_nothing(
    visit, unpaid, draft, membership, clock
):
    product = factories.ProductFactory(supports_contracts=False)
    closed, held, free = unpaid(product=product), draft("payment_request").order_numbers[0], unpaid()

    assert set(rows(visit.get(REQUEST))) == {closed.number, held, free.number}
    assert rows(visit.get(REQUEST, {"available": "on"})) == [free.number]
    ended = draft("payment_request", orders=2).lines.select_related("order").first().order
    ended.cancel(at=ended.ordered_at)
    ended.save()
    released = set(rows(visit.get(REQUEST, {"available": "on"}))) - {free.number}
    assert len(released) == 1


def test_rows_are_sorted_by_time_and_amount_and_searching_keeps_it(visit, paid):
    dear = paid(payable_amount=900, ordered_at="2026-11-03T12:00:00+08:00")
    cheap = paid(payable_amount=100, ordered_at="2026-11-02T12:00:00+08:00")
    new = paid(payable_amount=500, ordered_at="2026-11-04T12:00:00+08:00")

    assert rows(visit.get(ORDER)) == [new.number, dear.number, cheap.number]
    assert rows(visit.get(ORDER, {"sort": "time"})) == [cheap.number, dear.number, new.number]
    assert rows(visit.get(ORDER, {"sort": "-amount"})) == [dear.number, new.number, cheap.number]
    sent = visit.post(ORDER, {"sort": "amount", "search": "1"}).url
    assert rows(visit.get(sent)) == [cheap.number, new.number, dear.number]
    assert "not one of the available choices" in visit.get(ORDER, {"sort": "nonsense"}).text


@pytest.mark.rule("R9")
def test_part_of_an_order_number_is_found_within_the_days(visit, paid):
    order = paid(number="FOUP77123")
    paid()

    assert rows(visit.get(ORDER, {"product": "up-771"})) == [order.number]
    assert rows(visit.get(ORDER, {"product": "up-771", "since": "2026-12-01", "until": ""})) == []
    assert rows(visit.get(ORDER, {"product": "up-771", "since": "", "until": ""})) == []


@pytest.mark.rule("R26")
def test_viewers_select_nothing(viewer, paid):
    paid()
    assert viewer.post(ORDER, {"results": "all"}).status_code == 403


def test_only_so_many_orders_that_left_the_selection_are_listed(visit, membership, monkeypatch):
    monkeypatch.setattr("common.templatetags.faults.MAX_FAULTS", 2)
    closed = factories.ProductFactory(supports_contracts=False)
    orders = factories.PaidOrderFactory.create_batch(3, account=membership.account, product=closed)
    address = visit.post(ORDER, {"order_numbers": [order.number for order in orders], "search": "1"}).url

    page = visit.get(address).text

    assert page.partition("<table")[0].count("does not support electronic contracts") == 2
    assert "1 more error is not listed" in page
