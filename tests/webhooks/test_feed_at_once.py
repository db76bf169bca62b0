"""Transactions commit in another order than they wrote their events. No reader misses one (PostgreSQL)."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections, transaction
from django.utils import timezone

from tests.factories import AccountFactory
from webhooks.feed import read_feed
from webhooks.models import FeedEvent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]
WRITERS, EACH = 4, 40


def publish(account, event_id: str) -> None:
    FeedEvent.objects.create(account=account, event_id=event_id, type="x", body="{}", created_at=timezone.now())


def read(after: int, account=None) -> list[FeedEvent]:
    return read_feed(account=account, types=None, after=after, limit=200).events


def test_an_event_that_is_committed_late_comes_after_those_read_before():
    account = AccountFactory()
    written, end = threading.Event(), threading.Event()

    def write_slowly() -> None:
        try:
            with transaction.atomic():
                publish(account, "slow")
                written.set()
                assert end.wait(60)
        finally:
            connections.close_all()

    thread = threading.Thread(target=write_slowly)
    thread.start()
    assert written.wait(60)
    publish(account, "quick")
    [quick] = read(0)
    end.set()
    thread.join()
    [slow] = read(quick.number)
    assert (quick.event_id, slow.event_id) == ("quick", "slow")
    assert slow.pk < quick.pk


def test_readers_under_load_see_each_event_once_and_in_the_same_order():
    account, done = AccountFactory(), threading.Event()

    def write(writer: int) -> None:
        random_ = random.Random(writer)
        try:
            for i in range(EACH):
                with transaction.atomic():
                    publish(account, f"{writer}-{i}")
                    time.sleep(random_.random() / 100)
        finally:
            connections.close_all()

    def follow(account) -> list[str]:
        seen, after = [], 0
        try:
            while True:
                ended = done.is_set()
                events = read(after, account)
                seen += [event.event_id for event in events]
                after = events[-1].number if events else after
                if ended and not events:
                    return seen
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WRITERS + 2) as pool:
        readers = [pool.submit(follow, None), pool.submit(follow, account)]
        for writing in [pool.submit(write, writer) for writer in range(WRITERS)]:
            writing.result()
        done.set()
    first, second = (reader.result() for reader in readers)
    assert first == second
    assert sorted(first) == sorted(f"{writer}-{i}" for writer in range(WRITERS) for i in range(EACH))
    for writer in range(WRITERS):
        own = [event_id for event_id in first if event_id.startswith(f"{writer}-")]
        assert own == [f"{writer}-{i}" for i in range(EACH)]
