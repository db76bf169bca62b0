"""Two programs, a customer's and the vendor's, keep a copy by events alone: 10,000 changes, and killed at random.

Four writers take contracts through their lives, and two feeds change a thousand orders at once. Both copies end with
what the database has.
"""

import json
import random
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connections, transaction
from django.utils import timezone

from accounts.access.actors import Actor
from accounts.models import ApiToken, Membership
from contracts import services
from contracts.models import Contract, VoidTicket
from orders.importing.batches import write_orders
from orders.importing.rows import OrderRow, read_row
from orders.models import Order
from orders.services import cancel_unpaid
from tests.factories import PartyProfileFactory, UserFactory, draft, member, staff
from tests.system import servers
from tests.system.follower import find_place, open_copy
from tests.system.processes import running, say, wait_for
from webhooks.events import format_utc_time
from webhooks.models import FeedEvent

pytestmark = [pytest.mark.exhaustive, pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
WRITERS, CONTRACTS_EACH = 4, 60
FEEDS, BATCHES_EACH, ORDERS_A_BATCH = 2, 3, 1000
MIN_CHANGES = 10_000
TIMES = ("official_at", "voided_at", "invalid_at")
ORDER_TIMES = ("paid_at", "cancelled_at", "refunded_at")


def hesitate(chance: random.Random) -> None:
    """Transactions last differently long, so they commit in another order than they write."""
    time.sleep(chance.random() ** 4 / 5)


def change_one(actor: Actor, deciding: Actor, chance: random.Random) -> None:
    """Draft a contract and let it go through its life."""
    act = chance.choice(("void", "void", "cancel", "convert"))
    with transaction.atomic():
        contract = draft(actor, type="payment_request" if act == "cancel" else "order")
        hesitate(chance)
    with transaction.atomic():
        if act == "cancel":
            cancel_unpaid(order=Order.objects.get(number=contract.order_numbers[0]), by=actor)
        elif act == "void":
            services.void_draft(contract=contract, by=actor)
        else:
            services.convert_to_official(contract=contract, by=actor)
            ticket = services.request_void(contract=contract, reason="wrong", by=actor)
            services.reject_void(ticket=ticket, note="right", by=deciding)
        hesitate(chance)


def write(actor: Actor, deciding: Actor, seed: int) -> None:
    chance = random.Random(seed)
    try:
        for _contract in range(CONTRACTS_EACH):
            change_one(actor, deciding, chance)
    finally:
        connections.close_all()


def feed(accounts: list[str], name: str) -> None:
    """Create batches of orders, then pay and refund each, as an order system does: a transaction for a thousand."""
    try:
        for batch in range(BATCHES_EACH):
            for status in ("unpaid", "paid", "refunded"):
                rows = [order_row(f"{name}-{batch}-{i}", accounts[i % 2], status) for i in range(ORDERS_A_BATCH)]
                outcomes = {each.outcome for each in write_orders(rows, now=timezone.now()).outcomes}
                assert outcomes == {"created" if status == "unpaid" else "updated"}
    finally:
        connections.close_all()


def order_row(number: str, account: str, status: str) -> OrderRow:
    paid = status != "unpaid"
    ordered_at = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0).isoformat()
    values = {
        "number": number,
        "account": account,
        "product_code": "ecs",
        "product_name": "Elastic Compute",
        "kind": "new",
        "quantity": "1",
        "currency": "CNY",
        "list_amount": "1200.00",
        "payable_amount": "1080.50",
        "paid_amount": "1080.50" if paid else "0",
        "status": status,
        "ordered_at": ordered_at,
        "paid_at": ordered_at if paid else "",
    }
    return read_row(values)


def kill_and_restart(start: Callable[[], Any], done: threading.Event, seed: int) -> int:
    """Run a program that is killed after a random time and begins anew. Return how often it was killed."""
    chance, killed = random.Random(seed), 0
    while not done.is_set():
        with start() as process:
            done.wait(chance.random() * 2)
            assert process.popen.poll() is None, process.log.read_text()
        killed += 1
    return killed


def of_account(account_id: int | None) -> dict[str, int]:
    return {"account": account_id} if account_id else {}


def expected(account_id: int | None) -> dict[str, Any]:
    """The statuses and times of all records that had an event, as the database has them."""
    own = of_account(account_id)
    rows: dict[str, Any] = {}
    for contract in Contract.objects.filter(**own):
        rows[contract.number] = [contract.status, *(format_utc_time(getattr(contract, name)) for name in TIMES)]
    for order in Order.objects.filter(**own, status__in=Order.ENDED):
        rows[order.number] = [order.status, *(format_utc_time(getattr(order, name)) for name in ORDER_TIMES)]
    for ticket in VoidTicket.objects.filter(**{f"contract__{name}": pk for name, pk in own.items()}):
        rows[f"ticket {ticket.pk}"] = [ticket.status, format_utc_time(ticket.decided_at)]
    return rows


def copied(path: Path) -> dict[str, Any]:
    rows = {}
    for number, text in open_copy(path).execute("SELECT number, record FROM records"):
        record = json.loads(text)
        names = TIMES if "official_at" in record else ORDER_TIMES if "cancelled_at" in record else ("decided_at",)
        rows[number] = [record["status"], *(record[name] for name in names)]
    return rows


def test_both_copies_end_as_the_database_is(issuer, environment, redis, tmp_path):
    actors = [member("owner", PartyProfileFactory().account) for _ in range(2)]
    customer = ApiToken.for_member(Membership.objects.get(user=actors[0].user_id))
    tokens = [customer[1], ApiToken.for_integrator(UserFactory(is_superuser=True))[1]]
    readers = [actors[0].own_account.pk, None]
    deciding, done = staff(), threading.Event()
    copies = [tmp_path / f"copy{i}.sqlite3" for i in range(2)]
    begun = time.monotonic()
    with redis.running(), servers.web(environment | {"API_RATE": "1000000"}, threads=2) as web:

        def follower(i: int) -> Any:
            command = [sys.executable, "-m", "tests.system.follower", str(web.port), tokens[i], str(copies[i])]
            return running(command, log=tmp_path / f"follower{i}.log", environment=environment)

        accounts = [actor.own_account.number for actor in actors]
        with ThreadPoolExecutor(WRITERS + FEEDS + 2) as pool:
            killing = [pool.submit(kill_and_restart, lambda i=i: follower(i), done, i) for i in range(2)]
            writing = [pool.submit(write, actors[i % 2], deciding, i) for i in range(WRITERS)]
            writing += [pool.submit(feed, accounts, f"FEED{i}") for i in range(FEEDS)]
            try:
                for writer in writing:
                    writer.result()
            finally:
                done.set()
            killed = [program.result() for program in killing]
        ends = [FeedEvent.objects.filter(**of_account(reader)).count() for reader in readers]
        for i, end in enumerate(ends):
            with follower(i):
                wait_for("all events are read", lambda i=i, n=end: count_events(copies[i]) == n)
    assert ends[1] >= MIN_CHANGES
    say(f"{ends[1]} changes in {time.monotonic() - begun:.0f} s, killed {killed} times")
    for path, reader in zip(copies, readers, strict=True):
        assert find_place(open_copy(path)) > 0
        assert copied(path) == expected(reader)


def count_events(path: Path) -> int:
    [count] = open_copy(path).execute("SELECT count(*) FROM events").fetchone()
    return count
