"""Conversions a second: `.venv/bin/python -m benchmarks.convert`.

The whole service: checks, sealing, validation, the file on the disk, the rows. In a test database of its own: on
PostgreSQL by DATABASE_URL and then on SQLite too, else on SQLite alone. One process, and then two at once, convert as
many contracts as there are; one process performs a batch of them. Rounds take turns and the best of each counts. The
time of two at once depends on what else the machine does, so CPU milliseconds a conversion are shown too: what two
processes cost each other. The database server's own CPU time is not in them. Fails where a batch, for the same CPU
time, converts fewer than BATCH_RATE times as many contracts as one process does.
"""

import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from typing import NamedTuple

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection  # noqa: E402

from accounts.access.actors import Actor  # noqa: E402
from benchmarks.own_system import own_system  # noqa: E402
from benchmarks.render.samples import CONFIGURATIONS  # noqa: E402
from contracts.bulk.batches import create_batch, run_due_batches  # noqa: E402
from contracts.models import Batch, Contract  # noqa: E402
from contracts.services import apply_for_contract, convert_to_official  # noqa: E402
from tests import factories  # noqa: E402

ROUNDS = 3
CONVERSIONS = 40
"""By all processes together, in a round."""
ORDERS = 5
BATCH_RATE = 0.9
FORK = multiprocessing.get_context("fork")


class Share(NamedTuple):
    """One process's part of a round, in seconds; begin and end by a clock that all processes share."""

    begin: float
    end: float
    cpu: float


def drafts(count: int, actor: Actor) -> list[int]:
    """Keys of new draft contracts."""
    product = factories.ProductFactory()
    configuration = CONFIGURATIONS["zh-hans"][0]
    made = []
    for _ in range(count):
        orders = factories.PaidOrderFactory.create_batch(
            ORDERS, account=actor.account, product=product, configuration=configuration
        )
        numbers = [order.number for order in orders]
        made.append(apply_for_contract(type="order", order_numbers=numbers, language="zh-hans", by=actor).pk)
    return made


def convert(keys: list[int], actor: Actor, start: Barrier, answer: "multiprocessing.SimpleQueue[Share]") -> None:
    contracts = [Contract.objects.get(pk=key) for key in keys]
    convert_to_official(contract=contracts.pop(), by=actor)  # connection, key and fonts are loaded now
    start.wait()
    cpu, begin = time.process_time(), time.perf_counter()
    for contract in contracts:
        convert_to_official(contract=contract, by=actor)
    answer.put(Share(begin, time.perf_counter(), time.process_time() - cpu))


def run(processes: int, actor: Actor) -> tuple[float, float]:
    """One round: (conversions a second, CPU milliseconds a conversion)."""
    each = CONVERSIONS // processes
    keys = drafts((each + 1) * processes, actor)
    connection.close()  # a forked process must not share it
    start, answer = FORK.Barrier(processes), FORK.SimpleQueue()
    shares = [keys[n::processes] for n in range(processes)]
    workers = [FORK.Process(target=convert, args=(share, actor, start, answer)) for share in shares]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if any(worker.exitcode for worker in workers):
        sys.exit("A converting process failed.")
    taken = [answer.get() for _ in workers]
    seconds = max(share.end for share in taken) - min(share.begin for share in taken)
    return CONVERSIONS / seconds, sum(share.cpu for share in taken) / CONVERSIONS * 1000


def run_batch(actor: Actor) -> tuple[float, float]:
    """One round of a batch: (conversions a second, CPU milliseconds a conversion)."""
    warming_up, *keys = drafts(CONVERSIONS + 1, actor)
    convert_to_official(contract=Contract.objects.get(pk=warming_up), by=actor)
    numbers = list(Contract.objects.filter(pk__in=keys).values_list("number", flat=True))
    batch = create_batch(action=Batch.Action.CONVERT, numbers=numbers, by=actor)
    cpu, begin = time.process_time(), time.perf_counter()
    while run_due_batches().attempted:
        pass
    seconds, cpu = time.perf_counter() - begin, time.process_time() - cpu
    if batch.items.filter(outcome="done").count() != CONVERSIONS:
        sys.exit("A conversion of the batch failed.")
    return CONVERSIONS / seconds, cpu / CONVERSIONS * 1000


def measure() -> None:
    factories.IssuerFactory()
    actor = factories.member()
    ways: dict[str, Callable[[], tuple[float, float]]] = {
        "one process": lambda: run(1, actor),
        "two processes": lambda: run(2, actor),
        "a batch": lambda: run_batch(actor),
    }
    rates: dict[str, list[float]] = {way: [] for way in ways}
    costs: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(ROUNDS):
        for way, go in ways.items():
            rate, cost = go()
            rates[way].append(rate)
            costs[way].append(cost)
    print(f"{connection.vendor}, contracts of {ORDERS} orders, {os.cpu_count()} cores")
    print(f"{'way':>13}  {'conversions/s':>13}  {'ratio':>5}  {'CPU ms each':>11}  {'ratio':>5}")
    for way, seen in rates.items():
        best, least = max(seen), min(costs[way])
        scaling, dearer = best / max(rates["one process"]), least / min(costs["one process"])
        print(f"{way:>13}  {best:>13.1f}  {scaling:>5.2f}  {least:>11.1f}  {dearer:>5.2f}", flush=True)
    if min(costs["one process"]) < BATCH_RATE * min(costs["a batch"]):
        sys.exit(f"A batch converts fewer than {BATCH_RATE} × as many as one process for the same CPU time.")


def main() -> None:
    with own_system(sealing=True):
        measure()
    if connection.vendor == "postgresql":
        environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
        subprocess.run([sys.executable, "-m", "benchmarks.convert"], env=environment, check=True)


if __name__ == "__main__":
    main()
