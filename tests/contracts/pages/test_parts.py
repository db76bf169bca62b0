"""What htmx asks for is a part of the page, and the same address without it gives the whole."""

import pytest
from django.utils.html import escape

from contracts.models import Contract, Selection
from tests import factories

HTMX = {"HX-Request": "true"}
ORDER = "/contracts/apply/order/"


@pytest.mark.rule("R17")
def test_filters_and_pages_swap_the_list(visit, draft):
    number = draft().number

    text = visit.get("/contracts/?type=order", headers=HTMX).text

    assert number in text
    assert "<html" not in text


@pytest.mark.rule("R17")
def test_remarks_edited_in_place_come_back_alone(visit, draft):
    contract = draft()

    answer = visit.post(f"/contracts/{contract.number}/remarks/", {"remarks": "Archive 7"}, headers=HTMX)

    assert "Archive 7" in answer.text
    assert "Saved" in answer.text
    assert "<table" not in answer.text
    assert Contract.objects.get(pk=contract.pk).remarks == "Archive 7"


@pytest.mark.rule("R32")
@pytest.mark.parametrize("path", ["convert/", "void/"])
def test_what_is_asked_once_more_is_asked_in_a_dialog(visit, draft, path):
    address = f"/contracts/{draft().number}/{path}"

    dialog, page = visit.get(address, headers=HTMX).text, visit.get(address).text

    assert f'action="{address}"' in dialog
    assert f'action="{address}"' in page
    assert 'formmethod="dialog"' in dialog
    assert "<html" not in dialog


@pytest.mark.rule("R14")
def test_checking_a_box_keeps_the_selection_and_names_it_in_the_address(visit, membership):
    order = factories.PaidOrderFactory(account=membership.account)
    page = visit.get(ORDER)
    address = f"{ORDER}?selection={page.context['selection'].pk}"

    answer = visit.post(address, {"shown": [order.number], "order_numbers": [order.number]}, headers=HTMX)

    assert answer["HX-Replace-Url"] == address
    assert "<strong data-picked-count>1</strong> of at most 200" in answer.text
    assert "CNY 1,080.50" in answer.text
    assert Selection.objects.get().order_numbers == [order.number]


@pytest.mark.rule("R1")
def test_two_currencies_are_warned_of_with_the_orders_to_deselect(visit, membership):
    orders = factories.PaidOrderFactory.create_batch(2, account=membership.account)
    dollars = factories.PaidOrderFactory(account=membership.account, currency="USD")
    numbers = [order.number for order in (*orders, dollars)]

    answer = visit.post(ORDER, {"order_numbers": numbers, "next": "1"}, follow=True)

    assert answer.request["PATH_INFO"] == ORDER
    assert f"A contract has one currency. 1 order is in USD: {dollars.number}." in answer.text
    address = f"{ORDER}?selection={Selection.objects.get().pk}"
    visit.post(address, {"shown": numbers, "order_numbers": numbers, "without": "USD"})
    assert set(Selection.objects.get().order_numbers) == set(numbers[:2])


@pytest.mark.rule("R20")
def test_payment_requests_show_the_time_left_and_drafts_the_next_step(visit, draft, clock):
    clock.move_to("2026-11-22T12:00:00+08:00")
    draft("payment_request")
    clock.move_to("2026-11-27T08:00:00+08:00")

    text = visit.get("/contracts/").text.replace("\xa0", " ")

    assert "expires in 2 days, 3 hours" in text
    assert "Next: check it, then convert it." in text


def test_copy_and_reapply_fills_in_what_the_contract_said(visit, membership, draft):
    details = {"address": "1 Old Street", "contact": "Ann", "phone": "+86 10 1", "email": "ann@old.example"}
    contract = draft(remarks="Q4 & more", language="both", party_a=details)
    visit.post(f"/contracts/{contract.number}/void/")
    membership.account.profile.address = "2 New Street"
    membership.account.profile.save()

    visit.post(f"/contracts/{contract.number}/reapply/")
    text = visit.get(f"{ORDER}confirm/?selection={Selection.objects.get().pk}").text

    assert 'value="1 Old Street"' in text
    assert escape("Q4 & more") in text
    assert 'value="both" id="id_language_2" checked' in text
    assert contract.order_numbers[0] in text


def test_a_contract_in_force_is_not_copied(visit, official):
    assert visit.post(f"/contracts/{official.number}/reapply/").status_code == 409
    assert not Selection.objects.exists()
