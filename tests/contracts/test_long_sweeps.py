"""After a long outage much is due at once: the clock settles it batch by batch, and leaves the workers free."""

from datetime import timedelta
from functools import partial

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from contracts import tasks
from contracts.models import Contract
from contracts.services import invalidate_due
from emails.models import Notice
from orders.models import Order
from tests.factories import draft, member, official

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rule("R20")]


@pytest.fixture
def actor(issuer, clock):
    actor = member()
    get_user_model().objects.update(email="li@customer.example")
    return actor


def cancel_an_order_of(contract):
    order = contract.lines.first().order
    order.cancel(at=timezone.now())
    order.save()


def test_what_lapsed_for_either_reason_is_ended_in_small_batches(actor, clock, monkeypatch):
    monkeypatch.setattr(tasks, "invalidate_due", partial(invalidate_due, batch=2))
    expiring = [make(actor, type="payment_request") for make in (draft, official, draft)]
    clock.shift(timedelta(hours=1))
    deprived = [draft(actor, type="payment_request", count=2) for _ in range(3)]
    for contract in deprived:
        cancel_an_order_of(contract)
    cancelled_at = timezone.now()
    clock.move_to(expiring[0].expires_at)

    assert tasks.settle_all()["contracts"] == 6

    ended = dict(Contract.objects.values_list("pk", "invalid_at"))
    assert {ended[contract.pk] for contract in expiring} == {expiring[0].expires_at}
    assert {ended[contract.pk] for contract in deprived} == {cancelled_at}


def test_orders_are_cancelled_at_their_own_deadlines(actor, clock):
    first = draft(actor, type="payment_request")
    clock.shift(timedelta(hours=1))
    second = draft(actor, type="payment_request")
    clock.move_to(second.expires_at + timedelta(days=2))

    tasks.settle_all()

    assert list(Order.objects.order_by("pk").values_list("cancelled_at", flat=True)) == [
        first.expires_at,
        second.expires_at,
    ]


def test_it_puts_no_task_for_each_batch_before_the_next_sweep(actor, clock, monkeypatch):
    asked = []
    contract = draft(actor, type="payment_request")
    monkeypatch.setattr("emails.writing.enqueue_emails", lambda: asked.append(1))
    clock.move_to(contract.expires_at)

    tasks.settle_all()

    assert (Notice.objects.filter(state="pending").count(), asked) == (1, [])  # the clock's other task sends it
