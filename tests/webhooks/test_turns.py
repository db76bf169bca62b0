"""One worker of a host at a time sends emails, and one sends webhooks; the next turn starts when something is due."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from emails.models import Notice
from emails.tasks import send_notices
from jobs.turns import exclusive_turn
from tests.emails.mail import notice
from tests.webhooks.receiving import due, endpoint_of
from webhooks import sending, tasks
from webhooks.models import WebhookDelivery

pytestmark = pytest.mark.django_db


@pytest.fixture
def started(monkeypatch) -> list[tuple[str, float]]:
    """The tasks that were started, each with the seconds it waits."""
    calls: list[tuple[str, float]] = []
    for task in (send_notices, tasks.send_webhooks):
        monkeypatch.setattr(
            task, "apply_async", lambda *, countdown, name=task.name, **_: calls.append((name, countdown))
        )
    return calls


def test_only_one_turn_of_a_kind_runs_at_a_time():
    held, go = threading.Event(), threading.Event()

    def hold():
        with exclusive_turn("test") as mine:
            held.set()
            go.wait()
            return mine

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(hold)
        held.wait()
        with exclusive_turn("test") as second, exclusive_turn("other") as other:
            pass
        go.set()
    with exclusive_turn("test") as after:
        pass
    assert (first.result(), second, other, after) == (True, False, True, True)


def test_a_task_does_nothing_while_another_worker_takes_the_turn(started):
    notice()
    with exclusive_turn(send_notices.name):
        assert send_notices() is None
    assert (mail.outbox, started) == ([], [])
    assert send_notices() == 1


def test_a_failed_delivery_is_retried_when_it_is_due_and_not_at_the_next_minute(endpoint, receiving, clock, started):
    receiving.always = 500
    due(endpoint)

    tasks.send_webhooks()

    [(name, seconds)] = started
    assert (name, 5 <= seconds <= 6) == ("webhooks.tasks.send_webhooks", True)
    clock.shift(timedelta(seconds=seconds))
    receiving.always = 200
    tasks.send_webhooks()
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"delivered"}
    assert len(started) == 1


def test_a_retry_that_is_due_later_than_the_next_minute_is_left_to_the_clock(endpoint, receiving, clock, started):
    receiving.always = 500
    due(endpoint, attempts=5)
    tasks.send_webhooks()
    assert started == []


def test_many_turns_start_the_next_one_once(endpoint, receiving, clock, started):
    due(endpoint, due_at=timezone.now() + timedelta(seconds=30))
    for _ in range(20):
        tasks.send_webhooks()
    assert len(started) == 1


def test_what_came_while_the_turn_was_held_is_sent_at_once(endpoint, receiving, clock, started, monkeypatch):
    """Its own message did nothing, since the turn was held."""
    due(endpoint, "EC1")
    finished = sending.send_due_webhooks

    def finish():
        sent = finished()
        due(endpoint, "EC2")
        return sent

    monkeypatch.setattr(tasks, "send_due_webhooks", finish)
    tasks.send_webhooks()
    assert started == [("webhooks.tasks.send_webhooks", 0)]


def test_without_a_mail_server_the_rest_is_left_to_the_clock(started, monkeypatch, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    for _ in range(3):
        notice()
    assert send_notices() == 1
    assert started == []
    assert Notice.objects.filter(attempts=0).count() == 2


def test_what_follows_a_delivery_in_flight_is_not_looked_for_again_and_again(membership, clock, started):
    """Another worker has claimed the first of the contract's two events."""
    endpoint = endpoint_of(membership.account)
    due(endpoint, "EC1", due_at=timezone.now() + timedelta(minutes=2), attempts=1)
    due(endpoint, "EC1", "contract.official")
    assert tasks.send_webhooks() == 0
    assert started == []
