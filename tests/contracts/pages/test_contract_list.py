"""Contract Management: what the list shows, and how it is narrowed (R17, R19, R21, R32)."""

import re
from datetime import date, timedelta
from html import unescape

import pytest

from accounts.access.actors import actor_of
from contracts import services
from contracts.models import Contract
from contracts.views.filters import months_before
from tests import factories

COLUMNS = [
    "Contract No.",
    "Contract type",
    "Associated orders",
    "Remarks",
    "Application time",
    "Valid period",
    "Status",
    "Operation",
]


@pytest.mark.rule("R17")
def test_the_list_has_the_columns_of_a_contract(visit, draft):
    contract = draft(remarks="For the archive", orders=2)

    text = visit.get("/contracts/").text

    for column in COLUMNS:
        assert f'data-label="{column}"' in text
    for shown in (contract.number, "Order contract", "2 orders", "For the archive", "Draft contract"):
        assert shown in text
    for number in contract.order_numbers:
        assert number in text


@pytest.mark.rule("R17")
def test_the_list_opens_on_the_past_three_months(visit, draft, clock):
    clock.move_to("2026-08-21T10:00:00+08:00")
    old = draft()
    clock.move_to("2026-08-22T10:00:00+08:00")
    recent = draft()
    clock.move_to("2026-11-22T12:00:00+08:00")

    text = visit.get("/contracts/").text

    assert recent.number in text
    assert old.number not in text
    assert old.number in visit.get("/contracts/?since=2026-08-01&until=2026-08-21").text
    assert old.number in visit.get("/contracts/?since=&until=").text


@pytest.mark.rule("R17")
def test_a_day_is_a_day_of_the_accounts_zone(visit, draft, clock):
    clock.move_to("2026-11-20T17:30:00+00:00")  # the 21st, 01:30, in Shanghai
    contract = draft()

    assert contract.number in visit.get("/contracts/?since=2026-11-21&until=2026-11-21").text
    assert contract.number not in visit.get("/contracts/?since=2026-11-20&until=2026-11-20").text


def test_three_months_before_a_day_that_has_no_such_day():
    assert months_before(date(2026, 5, 31), 3) == date(2026, 2, 28)
    assert months_before(date(2026, 1, 15), 3) == date(2025, 10, 15)


@pytest.mark.rule("R17")
def test_type_and_status_filter_from_their_headers(visit, draft, voided):
    request = draft("payment_request")

    text = visit.get("/contracts/").text
    assert "?type=payment_request" in text
    assert "?status=voided" in text

    assert request.number in visit.get("/contracts/?type=payment_request").text
    assert voided.number not in visit.get("/contracts/?type=payment_request").text
    assert voided.number in visit.get("/contracts/?status=voided").text
    assert request.number not in visit.get("/contracts/?status=voided").text


@pytest.mark.rule("R21")
def test_a_contract_past_its_time_is_shown_invalid_before_the_clock_has_run(visit, draft, clock):
    contract = draft("payment_request")
    clock.shift(timedelta(days=8))

    assert contract.number in visit.get("/contracts/?status=invalid").text
    assert contract.number not in visit.get("/contracts/?status=draft").text
    assert Contract.objects.get(pk=contract.pk).status == Contract.Status.DRAFT


@pytest.mark.rule("R17")
def test_a_contract_is_found_by_its_number_its_remarks_or_an_order_whatever_its_age(visit, draft, clock):
    clock.move_to("2026-02-01T10:00:00+08:00")
    contract = draft(remarks="for the Budget of 2027")
    clock.move_to("2026-11-22T12:00:00+08:00")
    other = draft()

    for query in (contract.number, contract.number[3:9].lower(), contract.order_numbers[0], "budget"):
        text = visit.get("/contracts/", {"q": query}).text
        assert f"/contracts/{contract.number}/" in text
        assert other.number not in text


@pytest.mark.rule("R17")
def test_a_search_beats_the_days_that_the_page_opened_with_and_no_others(visit, draft, clock):
    clock.move_to("2026-02-01T10:00:00+08:00")
    contract = draft(remarks="Budget")
    clock.move_to("2026-11-22T12:00:00+08:00")
    draft()
    opened_with = visit.get("/contracts/").context["filters"]["since"].value()
    link = f"/contracts/{contract.number}/"

    for typed in (contract.number, contract.order_numbers[0], "budget"):
        sent_by_the_form = {"q": typed, "since": opened_with, "until": ""}
        assert link in visit.get("/contracts/", sent_by_the_form).text
        assert link not in visit.get("/contracts/", sent_by_the_form | {"since": "2026-08-23"}).text
        assert link not in visit.get("/contracts/", sent_by_the_form | {"until": "2026-11-22"}).text
    assert link not in visit.get("/contracts/", {"q": " \u200b", "since": opened_with, "until": ""}).text


@pytest.mark.rule("R17")
def test_show_all_keeps_the_text(visit, draft, clock):
    clock.move_to("2026-02-01T10:00:00+08:00")
    contract = draft(remarks="Budget")
    clock.move_to("2026-11-22T12:00:00+08:00")

    nothing = visit.get("/contracts/?q=Budget&since=2026-11-01&type=order&page=3").text
    [show_all] = re.findall(r'href="([^"]*)">Show all contracts', nothing)
    assert f"/contracts/{contract.number}/" in visit.get(f"/contracts/{unescape(show_all)}").text
    nowhere = visit.get("/contracts/?q=nowhere").text
    assert "Clear the search" in nowhere
    assert "Show all contracts" not in nowhere


def test_days_that_are_none_are_told(visit, draft):
    number = draft().number

    text = visit.get("/contracts/?since=yesterday").text

    assert "Enter a valid date." in text
    assert number not in text
    assert "last day is before" in visit.get("/contracts/?since=2026-02-02&until=2026-02-01").text


@pytest.mark.rule("R17")
@pytest.mark.parametrize("status", ["draft", "voided"])
def test_remarks_are_edited_in_place(visit, draft, voided, status):
    contract = draft() if status == "draft" else voided
    back = "/contracts/?type=order"

    answer = visit.post(f"/contracts/{contract.number}/remarks/", {"remarks": " Archive 7 ", "next": back})

    assert answer.url == back
    assert Contract.objects.get(pk=contract.pk).remarks == "Archive 7"


def test_editing_remarks_leads_nowhere_else(visit, draft):
    given = {"remarks": "x", "next": "https://evil.example/"}

    assert visit.post(f"/contracts/{draft().number}/remarks/", given).url == "/"


def test_remarks_that_are_too_long_are_refused(visit, draft):
    answer = visit.post(f"/contracts/{draft().number}/remarks/", {"remarks": "x" * 201})

    assert answer.status_code == 400
    assert "At most 200 characters" in answer.text


@pytest.mark.rule("R32")
def test_the_operations_are_those_that_the_status_allows(visit, draft, official, voided):
    number = draft().number

    text = visit.get("/contracts/").text

    assert f"/contracts/{number}/convert/" in text
    assert f"/contracts/{number}/void/" in text
    assert f"/contracts/{official.number}/request-void/" in text
    assert f"/contracts/{official.number}/void/" not in text
    assert f"/contracts/{official.number}/document/?download=1" in text
    assert f"/contracts/{voided.number}/document/" not in text
    assert f"/contracts/{voided.number}/reapply/" in text


@pytest.mark.rule("R19")
def test_the_valid_period_of_each_type(visit, draft, membership, clock):
    service = draft()
    request = draft("payment_request")
    goods = factories.PaidOrderFactory(account=membership.account, service_start=None, service_end=None)
    services.apply_for_contract(type="order", order_numbers=[goods.number], by=actor_of(membership, "page"))

    text = visit.get("/contracts/").text

    assert f"{service.valid_until:%Y-%m-%d}" in text
    assert "No service period" in text
    assert "until" in text
    assert request.expires_at.astimezone(membership.account.tzinfo).strftime("%Y-%m-%d %H:%M") in text


def test_a_new_account_is_told_how_to_begin(visit, viewer):
    assert "No contracts yet" in visit.get("/contracts/").text
    assert "Apply for your first contract" in visit.get("/contracts/").text
    assert "Apply for your first contract" not in viewer.get("/contracts/").text


def test_a_search_without_result_says_so(visit, draft):
    draft()

    assert "No contract matches" in visit.get("/contracts/?q=ECNONE").text


def test_long_lists_come_in_pages(visit, draft, monkeypatch):
    monkeypatch.setattr("contracts.views.listing.PAGE_SIZES", (2,))
    contracts = [draft() for _ in range(3)]

    first, second = visit.get("/contracts/?type=order").text, visit.get("/contracts/?type=order&page=2").text

    assert "?type=order&amp;page=2" in first
    assert contracts[0].number not in first
    assert contracts[0].number in second
    assert contracts[2].number not in second
    assert visit.get("/contracts/?page=nonsense").status_code == 200
    assert visit.get(f"/contracts/?page={'9' * 40}").status_code == 200


def test_the_list_takes_the_same_few_statements_whatever_it_shows(
    visit, draft, official, voided, django_assert_max_num_queries
):
    for _ in range(25):
        draft("payment_request", orders=2)

    with django_assert_max_num_queries(8):
        visit.get("/contracts/?type=order&status=draft&q=EC")
    with django_assert_max_num_queries(8):
        visit.get("/contracts/")
