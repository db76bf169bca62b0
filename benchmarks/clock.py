"""What the clock costs: over 1,000,000 live payment request contracts with nothing to do, with 10,000 to remind of, and
with 100,000 due at once, against a hand-written SQL that writes the same.

    DATABASE_URL=postgres://… .venv/bin/python -m benchmarks.clock [live] [due]

Works in databases of its own, which PostgreSQL fills. Prints medians; compares what both have written, row by row;
prints what each of two workers at once has done, and the peak memory of a worker after a tenth of its time and after
all of it. A plan is right that reads each long table by an index.
"""

import os
import resource
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection, connections  # noqa: E402
from django.test import override_settings  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

from benchmarks.live_requests import settle_by_hand, write_accounts, write_requests, written  # noqa: E402
from contracts.health.clock_health import clock_health  # noqa: E402
from contracts.tasks import settle_all  # noqa: E402

LIVE, DUE, TO_REMIND, ORDERS = 1_000_000, 100_000, 10_000, 3
RUNS = 3
BUDGET = 8
IDLE_BUDGET = 100.0
"""Milliseconds of a sweep with nothing to do, and of a look at the clock's health."""
LOOKING_BUDGET = 2000.0
"""Of a sweep that looks at all of DUE × ORDERS orders that were cancelled in the past days, and has nothing to do."""
MEMORY_BUDGET = 1.25
"""Peak memory at the end against that after a tenth of the time."""
SHORT = 100
"""Rows of a table that may be read from end to end."""
LEAST_SHARE = 0.25
"""Of two workers, the part of the contracts that the slower has to have ended."""


@dataclass(frozen=True, slots=True)
class Sweep:
    done: dict[str, int]
    seconds: float
    memory_of_tenth: float
    memory: float


def timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def use(database: str) -> None:
    connections.close_all()
    connection.settings_dict["NAME"] = database


def statement(sql: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(sql)


@contextmanager
def copy_of(database: str, name: str = "copy") -> Iterator[str]:
    """The name of a database with the same rows, which is dropped afterwards."""
    name = f"{database}_{name}"
    connections.close_all()
    statement(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    statement(f'CREATE DATABASE "{name}" TEMPLATE "{database}"')
    try:
        yield name
    finally:
        use(database)
        statement(f'DROP DATABASE "{name}" WITH (FORCE)')


def peak() -> float:
    """The most memory that this process has held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def sweep(database: str) -> Sweep:
    """`settle_all`, in a process of its own."""
    use(database)
    taken: list[float] = []
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.1):
            taken.append(peak())

    watcher = threading.Thread(target=watch)
    watcher.start()
    started = time.perf_counter()
    done = settle_all()
    seconds = time.perf_counter() - started
    ended.set()
    watcher.join()
    return Sweep(done, seconds, taken[len(taken) // 10] if taken else peak(), peak())


def sweeps(database: str, *, workers: int) -> list[Sweep]:
    """So many workers at once, each a process."""
    connections.close_all()
    with ProcessPoolExecutor(workers, mp_context=get_context("fork")) as pool:
        return list(pool.map(sweep, [database] * workers))


def told(name: str, figure: str, *, within: bool) -> bool:
    print(f"{name:<58}{figure}{'' if within else '  OVER'}", flush=True)
    return within


def reads(sql: str) -> tuple[str, bool]:
    """How PostgreSQL reads each table of a statement, and whether it reads one from end to end that may grow long."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}")
        [[plan]] = cursor.fetchone()
    nodes, ways, whole = [plan["Plan"]], [], False
    while nodes:
        node = nodes.pop()
        nodes += node.get("Plans", [])
        if "Index Name" in node:
            ways.append(node["Index Name"])
        elif node["Node Type"] == "Seq Scan":
            ways.append(f"all of {node['Relation Name']}")
            whole = whole or node["Actual Rows"] + node.get("Rows Removed by Filter", 0) > SHORT
    return ", ".join(ways), whole


def idle(name: str, call: Callable[[], object], *, budget: float = IDLE_BUDGET) -> bool:
    """Whether a call that finds nothing to do is quick and reads by indexes alone."""
    call()
    took = statistics.median(timed(call) for _ in range(RUNS * 3)) * 1000
    with CaptureQueriesContext(connection) as captured:
        call()
    within = told(name, f"{took:.1f} ms, {len(captured)} statements", within=took <= budget)
    for query in captured:
        if query["sql"].startswith("SELECT"):
            ways, whole = reads(query["sql"])
            print(f"{float(query['time']) * 1000:>12.0f} ms  {ways}{'  OVER' if whole else ''}")
            within = within and not whole
    return within


def health() -> None:
    clock_health(now=timezone.now())


def reminding(database: str) -> bool:
    [run] = sweeps(database, workers=1)
    right = run.done == {"orders": 0, "contracts": 0, "reminders": TO_REMIND}
    figure = f"{run.seconds:.1f} s, {TO_REMIND / run.seconds:,.0f} a second"
    return told(f"{TO_REMIND:,} to remind of", figure, within=right)


def settling(database: str, due: int) -> bool:
    """Whether one worker is within its budget, of time and of memory, and writes what the SQL by hand writes."""
    by_hand, runs, same = [], [], True
    for _ in range(RUNS):
        with copy_of(database) as copy:
            use(copy)
            by_hand.append(timed(settle_by_hand))
            expected = written()
        with copy_of(database) as copy:
            runs += sweeps(copy, workers=1)
            use(copy)
            same = same and written() == expected
    hand, ours = statistics.median(by_hand), statistics.median(run.seconds for run in runs)
    growth = max(run.memory / run.memory_of_tenth for run in runs)
    last = runs[-1]
    ratio = ours / hand
    return all(
        [
            told(f"{due:,} due, {ORDERS} orders each: SQL by hand", f"{hand:.1f} s", within=True),
            told("  settle_all", f"{ours:.1f} s, {due / ours:,.0f} contracts a second; {last.done}", within=True),
            told("  ratio", f"{ratio:.1f}, budget {BUDGET}", within=ratio <= BUDGET),
            told("  both write the same", ", ".join(expected), within=same),
            told(
                "  peak memory after a tenth, and at the end",
                f"{last.memory_of_tenth:.0f} MB, {last.memory:.0f} MB; growth {growth:.2f}, budget {MEMORY_BUDGET}",
                within=growth <= MEMORY_BUDGET,
            ),
        ]
    )


def sharing(database: str, due: int) -> bool:
    with copy_of(database) as copy:
        both = sweeps(copy, workers=2)
        use(copy)
        again = idle("  nothing left, and all their orders cancelled lately", settle_all, budget=LOOKING_BUDGET)
    seconds = max(run.seconds for run in both)
    ended = [run.done["contracts"] for run in both]
    print(f"  two workers at once: {seconds:.1f} s, {due / seconds:,.0f} contracts a second")
    for run in both:
        print(f"    one worker: {run.done}, {run.seconds:.1f} s")
    right = sum(ended) == due and sum(run.done["orders"] for run in both) == due * ORDERS
    share = min(ended) / due
    shared = right and share >= LEAST_SHARE
    return told("  the slower ended", f"{share:.0%}, budget {LEAST_SHARE:.0%}", within=shared) and again


def measure(database: str, live: int, due: int) -> int:
    write_accounts()
    write_requests(1, live, orders=1, ends=f"interval '25 hours' + i * interval '{500_000 / live} seconds'")
    print(f"{live:,} live payment request contracts")
    within = [idle("none due", settle_all), idle("clock_health", health)]
    with copy_of(database, "reminding") as copy:
        use(copy)
        write_requests(live + 1, TO_REMIND, orders=1, ends=f"interval '1 hour' + (i - {live}) * interval '8 seconds'")
        within.append(reminding(copy))
    write_requests(live + 1, due, orders=ORDERS, ends=f"interval '-1 day' - (i - {live}) * interval '0.8 seconds'")
    within += [settling(database, due), sharing(database, due)]
    print("within" if all(within) else "OVER")
    return 0 if all(within) else 1


def main() -> int:
    if connection.vendor != "postgresql":
        print("Skipped: PostgreSQL makes the rows. Set DATABASE_URL.")
        return 0
    live, due = (int(given) for given in (sys.argv[1:] + [str(LIVE), str(DUE)][len(sys.argv) - 1 :]))
    name = connection.settings_dict["NAME"]
    database = connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        with override_settings(DEBUG=False):
            return measure(database, live, due)
    finally:
        use(database)
        connection.creation.destroy_test_db(name, verbosity=0)


if __name__ == "__main__":
    if main():
        sys.exit(1)
