"""Filters of the contract list as chips, and its sorts (R17)."""

import re
from html import unescape

import pytest

from contracts.models import Contract

pytestmark = pytest.mark.rule("R17")


def chips(page) -> dict[str, str]:
    """The text of each chip, and the address that removes it."""
    found = re.findall(r'class="chip" href="([^"]*)"[^>]*>(.*?) <span', page.text)
    return {unescape(text): unescape(address) for address, text in found}


def shown(page) -> list[str]:
    return [row.contract.number for row in page.context["rows"]]


@pytest.mark.usefixtures("clock")
def test_each_filter_is_a_chip_that_removes_it_and_keeps_the_others(visit, draft, voided):
    page = visit.get("/contracts/?q=EC&type=order&status=voided&since=2026-11-01&until=2026-11-30&page=2")

    assert list(chips(page)) == ["EC", "2026-11-01 – 2026-11-30", "Order contract", "Voided"]
    without_status = visit.get(f"/contracts/{chips(page)['Voided']}")
    assert list(chips(without_status)) == ["EC", "2026-11-01 – 2026-11-30", "Order contract"]
    without_days = visit.get(f"/contracts/{chips(without_status)['2026-11-01 – 2026-11-30']}")
    assert list(chips(without_days)) == ["EC", "Order contract"]
    assert shown(without_days) == [voided.number]


@pytest.mark.usefixtures("clock")
def test_the_days_that_the_list_opens_with_are_a_chip_too(visit, draft):
    draft()

    page = visit.get("/contracts/")

    assert chips(page) == {"2026-08-22 –": "?since=&until="}
    assert chips(visit.get("/contracts/?since=&until=")) == {}


def test_a_chip_shows_what_was_typed_as_text(visit, draft):
    draft()

    page = visit.get("/contracts/", {"q": "<b>&amp;</b>"})

    assert list(chips(page)) == ["<b>&amp;</b>"]
    assert "<b>&amp;" not in page.text


def test_a_wrong_filter_has_no_chip(visit, draft):
    draft()
    assert chips(visit.get("/contracts/?since=yesterday&type=order")) == {}


def test_the_chips_words_follow_the_language_and_the_addresses_do_not(visit, draft):
    draft()
    visit.cookies["django_language"] = "zh-hans"

    page = visit.get("/contracts/?type=order&since=&until=")

    assert chips(page) == {"订单合同": "?since=&until="}


def test_sorted_by_end(visit, draft):
    late, early = draft(), draft()
    Contract.objects.filter(pk=late.pk).update(valid_until="2028-01-01T00:00:00Z")
    goods = draft()
    Contract.objects.filter(pk=goods.pk).update(valid_from=None, valid_until=None)

    assert shown(visit.get("/contracts/?sort=valid_until")) == [early.number, late.number, goods.number]
    assert shown(visit.get("/contracts/?sort=-valid_until")) == [late.number, early.number, goods.number]


def test_headers_sort_and_turn_round(visit, draft):
    draft()

    first = visit.get("/contracts/?type=order").text
    assert "?type=order&amp;sort=-total_amount" in first
    assert '<th scope="col" role="columnheader" aria-sort="descending">Application time' in first
    turned = visit.get("/contracts/?type=order&sort=-total_amount").text
    assert "?type=order&amp;sort=total_amount" in turned
    assert '<th scope="col" role="columnheader" aria-sort="descending">Associated orders' in turned
