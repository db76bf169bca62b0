"""Whether the clock keeps up is told by rows: when it last went through, and what has been due for how long."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from config.health import READINESS
from contracts.health.clock_health import MAX_LAG, clock_health
from contracts.models import Contract
from contracts.services import request_void
from contracts.tasks import settle_due
from emails.models import Notice
from emails.sending import send_due_emails
from orders.models import Order
from tests.contracts.back_office.legal import member_of, text_of
from tests.factories import OrderFactory, draft, member, official

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R20")]


@pytest.fixture
def actor(issuer, clock):
    return member()


def health():
    return clock_health(now=timezone.now())


def test_a_new_system_is_well(actor):
    assert (health().late, health().last_run, health().lag) == (False, None, timedelta(0))


def test_a_clock_that_has_stopped_is_late(actor, clock):
    settle_due()
    assert health().last_run == timezone.now()
    clock.shift(MAX_LAG)
    assert not health().late
    clock.shift(timedelta(seconds=1))
    assert health().late
    settle_due()
    assert not health().late


def test_the_log_of_a_late_clock_says_whether_anything_is_due(actor, clock, client, caplog):
    settle_due()
    clock.shift(MAX_LAG + timedelta(seconds=1))
    assert client.get("/readyz").json()["clock"] == "failed"
    assert "nothing is due" in caplog.text


def test_a_contract_that_is_due_for_long_is_late(actor, clock):
    contract = draft(actor, type="payment_request")
    Order.objects.update(payment_deadline=contract.expires_at + timedelta(days=1))  # the contract alone is due
    clock.move_to(contract.expires_at + MAX_LAG)
    assert (health().late, health().oldest_due, health().lag) == (False, contract.expires_at, MAX_LAG)
    clock.shift(timedelta(seconds=1))
    assert health().late
    settle_due()
    assert (health().late, health().lag) == (False, timedelta(0))
    assert Contract.objects.get(pk=contract.pk).status == "invalid"


def test_an_order_that_is_due_for_long_is_late(actor, clock):
    order = OrderFactory(account=actor.account)
    clock.move_to(order.payment_deadline + MAX_LAG + timedelta(seconds=1))
    assert (health().late, health().oldest_due) == (True, order.payment_deadline)


def test_an_email_that_nobody_sends_is_late_one_that_was_put_off_is_not(actor, clock, mailoutbox):
    get_user_model().objects.update(email="li@customer.example")
    request_void(contract=official(actor), reason="renamed", by=actor)
    written = timezone.now()
    clock.shift(MAX_LAG + timedelta(seconds=1))
    assert (health().late, health().oldest_due) == (True, written)
    Notice.objects.update(due_at=timezone.now() + timedelta(hours=1), attempts=4)
    assert not health().late
    Notice.objects.update(due_at=timezone.now())
    send_due_emails()
    assert health().oldest_due is None


def test_readyz_and_the_first_page_of_the_back_office_say_so(actor, clock, client):
    finance = member_of("Finance")
    settle_due()
    assert "Nothing is overdue" in text_of(finance.get("/admin/"))
    assert client.get("/readyz").json()["clock"] == "ok"
    clock.shift(timedelta(hours=1))
    page = text_of(finance.get("/admin/"))
    assert "Scheduled tasks are delayed" in page
    assert "Last run: 2026-11-22 12:00." in page
    READINESS.forget()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["clock"]) == (503, "failed")
    assert client.get("/healthz").status_code == 200
    assert client.get("/login/").status_code == 200


def test_asking_takes_four_statements(actor, django_assert_num_queries):
    with django_assert_num_queries(4):
        health()
