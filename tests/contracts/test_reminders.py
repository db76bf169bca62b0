"""People are reminded of what they have to act on: once, and in time."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from contracts.models import Contract
from contracts.services import apply_for_contract, convert_to_official, remind_due, void_draft
from contracts.tasks import settle_due
from emails.models import Notice
from emails.sending import send_due_emails
from tests.factories import OrderFactory, draft, member, official

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R20")]


@pytest.fixture
def actor(issuer, clock):
    actor = member()
    get_user_model().objects.update(email="li@customer.example")
    return actor


def told() -> list[tuple[str, str]]:
    """Kind and contract of the reminders written, in order."""
    notices = Notice.objects.filter(kind__in=("contract_ends", "draft_waits")).order_by("pk")
    return [(notice.kind, notice.facts["contract"]) for notice in notices]


@pytest.mark.parametrize("make", [draft, official])
def test_a_day_before_a_payment_request_ends_once(actor, clock, make):
    contract = make(actor, type="payment_request", count=2)
    clock.move_to(contract.expires_at - timedelta(hours=24, seconds=1))
    assert remind_due(now=timezone.now()) == 0
    clock.move_to(contract.expires_at - timedelta(hours=24))
    assert remind_due(now=timezone.now()) == 1
    assert told() == [("contract_ends", contract.number)]
    assert Notice.objects.get(kind="contract_ends").facts["ends"] == contract.expires_at.isoformat()
    clock.shift(timedelta(hours=1))
    assert remind_due(now=timezone.now()) == 0
    assert len(told()) == 1


def test_late_is_better_than_never_but_not_after_the_end(actor, clock):
    contract = draft(actor, type="payment_request")
    clock.move_to(contract.expires_at - timedelta(minutes=1))  # nothing ran for a day
    assert settle_due()["reminders"] == 1
    other = draft(actor, type="payment_request")
    clock.move_to(other.expires_at)
    assert settle_due()["reminders"] == 0
    assert told() == [("contract_ends", contract.number)]


def test_not_of_one_that_was_drafted_on_its_last_day(actor, clock):
    order = OrderFactory(account=actor.account, ordered_at=timezone.now() - timedelta(days=6, hours=12))
    apply_for_contract(type="payment_request", order_numbers=[order.number], by=actor)
    assert remind_due(now=timezone.now()) == 0


def test_a_draft_of_seven_days_once(actor, clock):
    contract = draft(actor)
    clock.shift(timedelta(days=7, seconds=-1))
    assert remind_due(now=timezone.now()) == 0
    clock.shift(timedelta(seconds=1))
    assert remind_due(now=timezone.now()) == 1
    assert told() == [("draft_waits", contract.number)]
    clock.shift(timedelta(days=30))
    assert remind_due(now=timezone.now()) == 0


def test_not_of_a_draft_that_was_converted_or_voided(actor, clock):
    convert_to_official(contract=draft(actor), by=actor)
    void_draft(contract=draft(actor), by=actor)
    clock.shift(timedelta(days=8))
    assert remind_due(now=timezone.now()) == 0


def test_nothing_else_of_the_contract_changes(actor, clock):
    contract = draft(actor)
    before = Contract.objects.values().get(pk=contract.pk)
    clock.shift(timedelta(days=7))
    remind_due(now=timezone.now())
    after = Contract.objects.values().get(pk=contract.pk)
    assert after.pop("reminded_at") == timezone.now()
    assert before.pop("reminded_at") is None
    assert before == after
    assert [event.kind for event in contract.events.all()] == ["drafted"]


def test_more_than_a_batch_is_reminded_of_by_and_by(actor, clock):
    for _ in range(3):
        draft(actor)
    clock.shift(timedelta(days=7))
    assert [remind_due(now=timezone.now(), batch=2) for _ in range(3)] == [2, 1, 0]


def test_the_email_names_the_time_in_the_accounts_zone(actor, clock, mailoutbox):
    contract = draft(actor, type="payment_request")
    clock.move_to(contract.expires_at - timedelta(hours=23))
    remind_due(now=timezone.now())
    send_due_emails()
    [message] = mailoutbox
    ends = contract.expires_at.astimezone(actor.account.tzinfo)
    assert f"{contract.number} expires soon" in message.subject
    assert f"{ends:%Y-%m-%d %H:%M} Asia/Shanghai (UTC+08:00)" in message.body


def test_when_it_has_ended_its_people_are_told(actor, clock, mailoutbox):
    contract = official(actor, type="payment_request")
    clock.move_to(contract.expires_at)
    settle_due()
    send_due_emails()
    assert Notice.objects.filter(kind="contract_invalid").count() == 1
    assert f"{contract.number}: invalid" in mailoutbox[-1].subject
    assert settle_due() == {"orders": 0, "contracts": 0, "reminders": 0}
    assert Notice.objects.filter(kind="contract_invalid").count() == 1
