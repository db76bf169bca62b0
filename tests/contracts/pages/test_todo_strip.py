"""The To do strip above the contract list: what waits for a member, and the lists that it leads to."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.access.actors import actor_of
from contracts import services
from contracts.bulk.todo import count_todo
from tests import factories
from tests.contracts.pages.conftest import signed_in

pytestmark = pytest.mark.usefixtures("clock")  # first, so that every row is of its time

DECISIONS = "/contracts/decisions/"
ALL_DATES = {"since": "", "until": ""}


@pytest.fixture
def decide(membership):
    """Requests to void the contract, and rejects or approves that."""

    def make(contract, decision=services.reject_void):
        services.request_void(contract=contract, reason="Wrong month", by=actor_of(membership, "page"))
        decision(ticket=contract.void_tickets.get(status="open"), by=factories.staff(), note="No")

    return make


def test_drafts_lead_to_the_list_of_drafts_of_all_dates(visit, draft, official, clock):
    clock.move_to("2026-06-22T12:00:00+08:00")
    number = draft().number
    clock.move_to("2026-11-22T12:00:00+08:00")
    draft()

    assert "2 drafts to check and convert" in visit.get("/contracts/").text
    listed = visit.get("/contracts/?status=draft&since=&until=").text
    assert number in listed
    assert f"/contracts/{official.number}/" not in listed


@pytest.mark.rule("R21")
def test_payment_requests_that_end_within_a_day(visit, draft, clock):
    ending, cancelled = draft("payment_request"), draft("payment_request")
    order = cancelled.lines.get().order
    order.cancel(at=order.ordered_at + timedelta(hours=1))
    order.save()
    clock.shift(timedelta(days=6, hours=1))
    later = draft("payment_request")

    assert "1 payment request contract ends within a day" in visit.get("/contracts/").text
    listed = visit.get("/contracts/", {"todo": "ending", **ALL_DATES})
    assert [row.contract.number for row in listed.context["rows"]] == [ending.number]
    assert later.number not in listed.text
    clock.shift(timedelta(hours=23))
    assert "within a day" not in visit.get("/contracts/").text.partition('class="toolbar"')[0]


def test_decisions_are_counted_until_this_member_opens_them(visit, membership, official, decide, clock):
    colleague = signed_in(factories.MembershipFactory(account=membership.account, role="finance"))
    decide(official)
    clock.shift(timedelta(minutes=1))

    for client in (visit, colleague):
        assert "1 void request decided" in client.get("/contracts/").text
    shown = visit.post(DECISIONS, {"for_account": membership.account.number}, follow=True)
    assert official.number in shown.text
    assert "1 void request decided" not in shown.text
    assert "1 void request decided" in colleague.get("/contracts/").text

    clock.shift(timedelta(minutes=1))
    decide(official)
    clock.shift(timedelta(minutes=1))
    assert "1 void request decided" in visit.get("/contracts/").text


def test_a_decision_is_listed_for_a_month_seen_or_not(visit, official, decide, clock):
    decide(official, services.approve_void)
    clock.shift(timedelta(days=29))
    assert official.number in visit.get("/contracts/", {"todo": "decided", **ALL_DATES}).text

    clock.shift(timedelta(days=2))
    assert "void request decided" not in visit.get("/contracts/").text
    assert official.number not in visit.get("/contracts/", {"todo": "decided", **ALL_DATES}).text


@pytest.mark.rule("R26")
def test_neither_viewers_nor_other_accounts_have_anything_to_do(viewer, stranger, draft, official, decide, clock):
    draft()
    decide(official)
    clock.shift(timedelta(minutes=1))

    assert "To do" not in viewer.get("/contracts/").text
    assert "To do" not in stranger.get("/contracts/").text


def test_with_nothing_to_do_and_in_a_search_there_is_no_strip(visit, official, draft):
    assert "To do" not in visit.get("/contracts/").text
    draft()
    assert "To do" not in visit.get("/contracts/?q=EC").text
    assert "To do" not in visit.get("/contracts/", headers={"hx-request": "true"}).text


def test_many_are_counted_up_to_a_limit(visit, draft, monkeypatch):
    monkeypatch.setattr("contracts.bulk.todo.MAX_COUNTED", 1)
    draft()
    assert "1 draft to check" in visit.get("/contracts/").text
    draft(), draft()
    assert "1+ drafts to check" in visit.get("/contracts/").text


def test_decisions_are_marked_by_posting_only(visit):
    assert visit.get(DECISIONS).status_code == 405


def test_an_unknown_kind_is_refused(visit, draft):
    draft()
    assert "not one of the available choices" in visit.get("/contracts/?todo=nonsense").text
    assert visit.get("/contracts/export/?todo=nonsense").status_code == 400


def test_what_waits_takes_one_statement(visit, draft, official, decide, membership, django_assert_num_queries):
    draft()
    decide(official)
    with django_assert_num_queries(1):
        counts = count_todo(membership, timezone.now())
    assert (counts.drafts, counts.ending, counts.decided) == (1, 0, 1)


@pytest.mark.rule("R44")
def test_approvals_that_others_requested_wait_for_those_who_may_approve(membership, draft):
    membership.account.approval_required_from = {"CNY": "0"}
    membership.account.save()
    finance = factories.MembershipFactory(account=membership.account, role="finance")
    own, other = draft(), draft()
    services.request_approval(contract=own, by=actor_of(membership, "page"))
    services.request_approval(contract=other, by=actor_of(finance, "page"))

    now = timezone.now()
    assert (count_todo(membership, now).approvals, count_todo(finance, now).approvals) == (1, 0)
    page = signed_in(membership)
    assert "1 draft waits for your approval" in page.get("/contracts/").text
    listed = page.get("/contracts/", {"todo": "approval", **ALL_DATES}).context["rows"]
    assert {row.contract.number for row in listed} == {own.number, other.number}
