"""After commit a task sends, by whatever broker there is; without one, the clock does."""

import socket

import pytest
from celery import current_app
from django.core import mail
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts.notices import notify
from contracts.notifications.emails import TICKET_OPENED
from emails import tasks
from emails.models import Notice
from jobs.queueing import enqueue
from tests import factories
from tests.emails.mail import TICKET, acting, notice, state_of, tasks_at_once

pytestmark = pytest.mark.django_db(transaction=True)


def tell(account):
    notify(account, TICKET_OPENED, TICKET, at=timezone.now())


def broker_at(monkeypatch, port):
    monkeypatch.setitem(current_app.conf, "broker_write_url", f"redis://127.0.0.1:{port}/0")


def test_it_is_sent_after_commit_and_not_before(monkeypatch):
    tasks_at_once(monkeypatch)
    account = acting("li@customer.example").account

    with transaction.atomic():
        tell(account)
        assert mail.outbox == []

    assert [email.to for email in mail.outbox] == [["li@customer.example"]]


def test_without_a_broker_the_request_succeeds_and_the_clocks_task_sends(issuer, client, monkeypatch, caplog):
    broker_at(monkeypatch, 1)
    member = acting(account=factories.PartyProfileFactory().account)
    contract = factories.official(factories.actor_of(member, "page"))
    client.force_login(member.user)

    answer = client.post(reverse("contract-request-void", args=[contract.number]), {"reason": "Wrong orders"})

    assert answer.status_code == 302
    assert "enqueue" in caplog.text
    assert (Notice.objects.get().state, mail.outbox) == ("pending", [])

    beat = current_app.conf.beat_schedule["emails.tasks.send_notices"]
    current_app.tasks[beat["task"]](**beat["kwargs"])

    assert (Notice.objects.get().state, len(mail.outbox), beat["schedule"]) == ("sent", 1, 60)


def test_a_broker_that_does_not_answer_is_given_up_on(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        broker_at(monkeypatch, silent.getsockname()[1])
        with pytest.raises(OperationalError):
            enqueue(tasks.send_notices)
        silent.setblocking(False)
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):
            silent.accept()  # it was called once


def test_a_task_that_runs_twice_sends_once():
    row = notice()

    assert (tasks.send_notices(), tasks.send_notices()) == (1, 0)

    assert (state_of(row), len(mail.outbox)) == (("sent", 1), 1)
