"""The selection of the picker: what enters it, what leaves it, and where it goes on (R1, R8, R14, R25, R26)."""

from datetime import timedelta

import pytest

from contracts.models import Selection
from contracts.services.selections import new_selection, save_picks
from tests import factories
from tests.contracts.pages.picking import ORDER, REQUEST, checked, rows

pytestmark = pytest.mark.usefixtures("clock")


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


def test_applying_again_selects_the_orders_of_the_contract_that_ended(visit, voided):
    answer = visit.post(f"/contracts/{voided.number}/reapply/", follow=True)

    assert answer.request["PATH_INFO"] == ORDER
    assert checked(answer) == voided.order_numbers


def test_all_orders_of_a_page_are_selected_without_scripts_too(visit, paid):
    free = {paid().number, paid().number}
    barred = paid(product=factories.ProductFactory(supports_contracts=False)).number
    assert "<noscript>" in visit.get(ORDER).text
    answer = visit.post(ORDER, {"shown": [*free, barred], "all": "1"})

    assert set(Selection.objects.get().order_numbers) == free
    assert set(checked(visit.get(answer.url))) == free


@pytest.mark.rule("R8")
@pytest.mark.django_db
def test_a_selection_holds_a_limited_number_of_orders(membership, monkeypatch):
    monkeypatch.setattr("contracts.services.selections.MAX_SELECTED", 2)
    selection = new_selection(membership, "order", ["FO1"])
    numbers = [order.number for order in factories.PaidOrderFactory.create_batch(3, account=membership.account)]
    save_picks(selection, shown=numbers, checked=numbers)
    assert len(Selection.objects.get(pk=selection.pk).order_numbers) == 2
