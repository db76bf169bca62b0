"""Tampered forms, stale pages, second clicks and ended sessions: explained, with the selection kept."""

from datetime import timedelta

import pytest

from contracts.models import Contract, Selection
from contracts.services import selections
from contracts.tasks import forget
from tests import factories
from tests.contracts.pages.test_confirming import DETAILS

ORDER = "/contracts/apply/order/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def selected(membership):
    """A selection of two paid orders, and the address at which it is confirmed."""
    orders = factories.PaidOrderFactory.create_batch(2, account=membership.account)
    selection = Selection.objects.create(
        account=membership.account, user=membership.user, type="order", order_numbers=[o.number for o in orders]
    )
    return selection, f"{ORDER}confirm/?selection={selection.pk}"


@pytest.mark.rule("R26")
def test_an_order_of_another_account_is_named_and_left_out(visit, selected):
    selection, _ = selected
    foreign = factories.PaidOrderFactory()

    given = {"order_numbers": [*selection.order_numbers, foreign.number], "next": "1"}
    answer = visit.post(f"{ORDER}?selection={selection.pk}", given, follow=True)

    assert f"they are not orders of this account: {foreign.number}" in answer.text
    assert Selection.objects.get().order_numbers == selection.order_numbers


@pytest.mark.rule("R1")
def test_201_orders_go_back_to_the_picker(visit, membership, selected):
    selection, address = selected
    more = factories.PaidOrderFactory.create_batch(199, account=membership.account)
    selection.order_numbers += [order.number for order in more]
    selection.save()

    answer = visit.post(address, DETAILS, follow=True)

    assert answer.request["PATH_INFO"] == ORDER
    assert "A contract can include at most 200 orders; 201 are selected." in answer.text
    assert len(Selection.objects.get().order_numbers) == 201


@pytest.mark.rule("R11")
def test_another_name_of_party_a_is_not_used_and_that_is_said(visit, membership, selected):
    answer = visit.post(selected[1], {**DETAILS, "name": "Somebody Else Ltd"}, follow=True)

    assert "A different name was sent and ignored." in answer.text
    assert Contract.objects.get().party_a["name"] == membership.account.certified_name


@pytest.mark.rule("R14")
def test_orders_that_went_meanwhile_are_named_when_going_on(visit, selected):
    selection, _ = selected
    gone, there = selection.order_numbers
    order = factories.Order.objects.get(number=gone)
    order.refund(at=order.paid_at + timedelta(minutes=1))
    order.save()

    given = {"shown": [gone, there], "order_numbers": [gone, there], "next": "1"}
    answer = visit.post(f"{ORDER}?selection={selection.pk}", given, follow=True)

    assert f"can no longer be included in a contract: {gone}" in answer.text
    assert answer.request["PATH_INFO"] == f"{ORDER}confirm/"
    assert Selection.objects.get().order_numbers == [there]


@pytest.mark.rule("R2")
def test_a_second_click_on_generate_lands_on_the_contract_of_the_first(visit, selected):
    first, second = visit.post(selected[1], DETAILS), visit.post(selected[1], DETAILS)

    assert first.url == second.url == f"/contracts/{Contract.objects.get().number}/created/"


@pytest.mark.rule("R7")
def test_back_after_generating_shows_the_contract_and_says_so(visit, selected):
    visit.post(selected[1], DETAILS)

    answer = visit.get(selected[1], follow=True)

    number = Contract.objects.get().number
    assert answer.request["PATH_INFO"] == f"/contracts/{number}/"
    assert f"These orders are already in contract {number}" in answer.text


@pytest.mark.rule("R7")
def test_when_the_draft_is_void_the_same_page_makes_another(visit, selected):
    visit.post(selected[1], DETAILS)
    visit.post(f"/contracts/{Contract.objects.get().number}/void/")

    visit.post(selected[1], DETAILS)

    assert sorted(Contract.objects.values_list("status", flat=True)) == ["draft", "voided"]


def test_a_second_click_on_convert_finds_it_done(visit, draft):
    address = f"/contracts/{draft().number}/convert/"
    visit.post(address, {"consent": "on"})

    answer = visit.post(address, {"consent": "on"}, follow=True)

    assert answer.redirect_chain == [("/contracts/", 302)]
    assert "is now official" in answer.text


@pytest.mark.parametrize("path", ["convert/", "remarks/", "reapply/"])
def test_an_ended_session_leads_back_to_the_page_that_was_open(client, draft, path):
    sent_from = {"referer": "http://testserver/contracts/?page=2"}

    answer = client.post(f"/contracts/{draft().number}/{path}", headers=sent_from)

    assert answer.url == "/login/?next=/contracts/%3Fpage%3D2"


def test_an_ended_session_keeps_the_selection_of_the_confirm_page(client, selected, membership):
    address = selected[1]

    answer = client.post(address, DETAILS, headers={"referer": f"http://testserver{address}"})
    client.force_login(membership.user)

    assert address in answer.url.replace("%3F", "?").replace("%3D", "=")
    assert selected[0].order_numbers[0] in client.get(address).text


def test_an_ended_session_leads_nowhere_else(client, draft):
    answer = client.post(f"/contracts/{draft().number}/convert/", headers={"referer": "https://evil.example/"})

    assert answer.url == "/login/?next=/"


def test_what_htmx_fetches_goes_to_the_sign_in_page_as_a_whole(client, draft):
    headers = HTMX | {"referer": "http://testserver/contracts/"}

    answer = client.get(f"/contracts/{draft().number}/convert/", headers=headers)

    assert answer["HX-Redirect"] == "/login/?next=/contracts/"


def test_a_selection_that_nobody_touched_for_30_days_is_deleted(visit, selected, clock):
    Selection.objects.update(updated_at=selected[0].updated_at)
    clock.move_to(selected[0].updated_at + selections.SELECTION_TTL)
    forget()
    assert Selection.objects.exists()

    clock.shift(timedelta(seconds=1))
    forget()
    assert not Selection.objects.exists()
