"""The list's buttons for several contracts: confirmation, batch page, files (R42)."""

import pytest

from contracts.bulk.batches import run_due_batches
from contracts.models import Batch, Contract

START = "/contracts/batches/"


def test_selected_drafts_are_converted_after_consent(visit, draft, official):
    first, second = draft(), draft()
    drafts = [first.number, second.number]
    numbers = [*drafts, official.number]

    asked = visit.post(START, {"action": "convert", "number": numbers})
    assert "Convert 2 drafts" in asked.text
    assert "1 selected contract is not a draft" in asked.text
    assert not Batch.objects.exists()
    refused = visit.post(START, {"action": "convert", "number": numbers, "confirmed": "1"})
    assert refused.status_code == 400

    started = visit.post(START, {"action": "convert", "number": drafts, "confirmed": "1", "consent": "on"})
    assert "In progress" in visit.get(started.url).text
    assert visit.get(started.url)["Refresh"]
    run_due_batches()

    page = visit.get(started.url)
    assert "2 of 2 done, 0 failed" in page.text
    assert "Refresh" not in page
    assert Contract.objects.filter(status="official").count() == 3


def test_all_that_the_filter_finds(visit, draft):
    draft(remarks="spring")
    draft(remarks="autumn")

    asked = visit.post(f"{START}?q=spring", {"action": "void", "scope": "all"})

    assert "Void 1 draft" in asked.text


def test_without_a_draft_nothing_is_asked(visit, official):
    for given in ({}, {"number": official.number}):
        answer = visit.post(f"{START}?type=order", {"action": "void", **given}, follow=True)
        assert answer.redirect_chain == [("/contracts/?type=order", 302)]
        assert "Select at least one draft" in answer.text


def test_more_drafts_than_one_batch_holds_are_refused(visit, draft, monkeypatch):
    monkeypatch.setattr("contracts.views.batches.MAX_NUMBERS", 1)
    draft()
    draft()

    assert "At most 1 drafts" in visit.post(START, {"action": "void", "scope": "all"}, follow=True).text


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({"action": "download", "number": ["A", "B"]}, "/contracts/download/?number=A&number=B"),
        ({"action": "evidence", "number": ["A"]}, "/contracts/download/?number=A&kind=evidence"),
        ({"action": "export", "scope": "all", "number": ["A"]}, "/contracts/export/?type=order"),
        ({"action": "export"}, "/contracts/export/?type=order"),
    ],
)
def test_the_buttons_of_files_lead_to_them(visit, given, address):
    assert visit.post(f"{START}?type=order", given).url == address


def test_a_contract_that_changed_since_it_was_shown_fails_in_the_batch(visit, draft, official):
    given = {"action": "convert", "number": [draft().number, official.number], "confirmed": "1", "consent": "on"}

    page = visit.post(START, given)
    run_due_batches()

    assert "1 of 2 done, 1 failed" in visit.get(page.url).text


@pytest.mark.rule("R26")
def test_viewers_have_files_and_no_batches(viewer, draft):
    number = draft().number

    text = viewer.get("/contracts/").text
    assert "Download ZIP" in text
    assert "Convert selected" not in text
    assert viewer.post(START, {"action": "void", "number": number}).status_code == 403


def test_the_list_counts_and_sums_what_it_finds(visit, draft, monkeypatch):
    contracts = [draft(), draft()]
    total = sum(contract.total_amount for contract in contracts)

    text = visit.get("/contracts/").text
    assert "2 contracts" in text
    assert f"{total:,.2f}" in text

    monkeypatch.setattr("contracts.bulk.totals.MAX_COUNTED", 1)
    assert "2 contracts" in visit.get("/contracts/").text  # the page has all of them
    monkeypatch.setattr("contracts.views.listing.PAGE_SIZES", (1, 2))
    assert "More than 1 contracts" in visit.get("/contracts/").text


def test_the_list_is_sorted_and_paged_as_asked(visit, draft, monkeypatch):
    cheap, dear = draft(orders=1), draft(orders=3)

    def shown(query: str) -> list[str]:
        text = visit.get(f"/contracts/?{query}").text
        return sorted((cheap.number, dear.number), key=lambda number: text.index(f"/contracts/{number}/"))

    assert shown("sort=applied_at") == shown("sort=total_amount") == [cheap.number, dear.number]
    assert shown("sort=-total_amount") == shown("") == [dear.number, cheap.number]
    assert visit.get("/contracts/?page_size=50").context["page"].rows
    assert "not one of the available choices" in visit.get("/contracts/?page_size=7").text
