"""What is measured of a site, and the tables that show it."""

import time
from collections.abc import Sequence
from contextlib import suppress

from django.db import connections
from django.test.utils import CaptureQueriesContext

from benchmarks.histories import BUDGET, SLACK, rows_of
from benchmarks.load.crowd import Act, at_once, counting, median, one_session, percentile
from benchmarks.load.customers import READING, WRITING, Customer
from benchmarks.load.site import Site

BIG = 100_000
"""Rows of a table that no statement may read from end to end."""
COMPARED = {"list page", "API list"}
"""Steps with a budget."""
AT_ONCE = 4


def ratios(few: Sequence[Customer], many: Sequence[Customer], turns: int) -> bool:
    """One customer at a time, on either site by turns: the medians, their ratio, and whether the budget is kept."""
    print(f"\n{'one at a time':<34}{'few ms':>9}{'many ms':>9}{'ratio':>7}")
    with counting(few) as of_few, counting(many) as of_many:
        for act in [*READING, *WRITING]:
            for turn in range(turns):
                for customers in (few, many):
                    with suppress(IndexError):  # nothing left to do it with
                        act(customers[turn % len(customers)])
    over = []
    for step, times in of_many.times.items():
        a, b = median(of_few.times[step]), median(times)
        within = step not in COMPARED or b <= a * BUDGET or b - a <= SLACK
        print(f"{step:<34}{a:>9.1f}{b:>9.1f}{b / a:>7.2f}{'' if within else '  OVER'}", flush=True)
        over += [] if within else [step]
    return not over


def under_load(site: Site, customers: Sequence[Customer], seconds: float) -> list[str]:
    """Each step by itself, AT_ONCE customers at once: how many a second, how long, and what it costs. The errors."""
    print(f"\n{site.contracts:,} contracts, {AT_ONCE} at once")
    print(
        f"{'':<34}{'a second':>9}{'median':>8}{'p95':>8}{'p99':>8}"
        f"{'web CPU':>9}{'PG CPU':>8}{'rows read':>11}{'requests':>10}{'errors':>8}"
    )
    errors = []
    for act in [Customer.api_apply, Customer.api_convert, *READING, Customer.draft_by_page, Customer.convert_by_page]:
        errors += _flood(site, _able(customers, act), act, seconds)
    return errors


def _able(customers: Sequence[Customer], act: Act) -> list[Customer]:
    """Those with most to do it with."""
    if act in (Customer.api_convert, Customer.convert_by_page):
        return sorted(customers, key=lambda customer: -len(customer.drafts))[:AT_ONCE]
    if act in (Customer.api_apply, Customer.draft_by_page):
        return sorted(customers, key=lambda customer: -len(customer.orders))[:AT_ONCE]
    return list(customers[:: max(len(customers) // AT_ONCE, 1)])[:AT_ONCE]


def _flood(site: Site, customers: Sequence[Customer], act: Act, seconds: float) -> list[str]:
    rows, before = site.rows_read(), site.cpu()
    with counting(customers) as figures:
        begun = time.monotonic()
        at_once(customers, figures, act, until=begun + seconds)
        taken = time.monotonic() - begun
    after = site.cpu()
    requests = len(figures.all_times)
    if not requests:
        return figures.errors
    read = (site.rows_read() - rows) / requests
    web, postgresql = (max(after[part] - before[part], 0) / requests * 1000 for part in ("web", "PostgreSQL"))
    for step, times in figures.times.items():
        print(
            f"{step:<34}{len(times) / taken:>9.1f}{median(times):>8.0f}{percentile(times, 0.95):>8.0f}"
            f"{percentile(times, 0.99):>8.0f}{web:>9.1f}{postgresql:>8.1f}{read:>11,.0f}{len(times):>10}"
            f"{len(figures.errors):>8}",
            flush=True,
        )
    return figures.errors


def until_it_breaks(site: Site, customers: Sequence[Customer], crowds: Sequence[int], seconds: float) -> list[str]:
    """Whole sessions of more and more customers at once, and which part of the system is busy."""
    print(f"\n{site.contracts:,} contracts, sessions; processor time in cores")
    print(
        f"{'at once':>8}{'requests/s':>12}{'median':>8}{'p95':>8}{'p99':>8}{'p95 ×':>7}"
        f"{'web':>7}{'PostgreSQL':>12}{'worker':>8}{'test':>7}{'others':>8}{'errors':>8}"
    )
    errors, first = [], 0.0
    for crowd in crowds:
        taking_part = customers[:crowd]
        before, begun = site.cpu(), time.monotonic()
        with counting(taking_part) as figures:
            at_once(taking_part, figures, one_session, until=begun + seconds)
        taken, after = time.monotonic() - begun, site.cpu()
        times = figures.all_times
        slow = percentile(times, 0.95)
        first = first or slow
        cores = {part: (after[part] - before[part]) / taken for part in after}
        print(
            f"{crowd:>8}{len(times) / taken:>12.1f}{median(times):>8.0f}{slow:>8.0f}{percentile(times, 0.99):>8.0f}"
            f"{slow / first:>7.1f}{cores['web']:>7.2f}{cores['PostgreSQL']:>12.2f}{cores['worker']:>8.2f}"
            f"{cores['test']:>7.2f}{cores['others']:>8.2f}{len(figures.errors):>8}",
            flush=True,
        )
        errors += figures.errors
    return errors


def statements(site: Site, customer: Customer) -> list[str]:
    """Each step once in this process: its statements, the rows that their plans look at, and what they read whole."""
    print(
        f"\n{site.contracts:,} contracts{'':<16}{'statements':>12}{'slowest ms':>12}{'rows looked at':>16}  reads whole"
    )
    wrong = []
    with site.database.open():
        big = _big_tables(site)
        for act in [Customer.sign_in, Customer.api_apply, Customer.api_apply, *WRITING, *READING]:
            with CaptureQueriesContext(connections["default"]) as captured:
                steps: dict[str, int] = {}
                customer.tell = lambda step, _s, steps=steps, captured=captured: steps.update({step: len(captured)})
                act(customer)
            begin = 0
            for step, end in steps.items():
                wrong += _line(site, step, captured.captured_queries[begin:end], big)
                begin = end
    return wrong


def _big_tables(site: Site) -> set[str]:
    with site.database.connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > %s", [BIG])
        return {name for (name,) in cursor.fetchall()}


def _line(site: Site, step: str, queries: list[dict], big: set[str]) -> list[str]:
    nodes = [
        node for query in queries if query["sql"].startswith("SELECT") for node in site.database.nodes(query["sql"])
    ]
    scanned = {node["Relation Name"] for node in nodes if node["Node Type"].endswith("Seq Scan")} & big
    looked_at = sum(rows_of(node) for node in nodes if "Scan" in node["Node Type"])
    slowest = max((float(query["time"]) * 1000 for query in queries), default=0)
    print(f"{step:<34}{len(queries):>12}{slowest:>12.0f}{looked_at:>12,}  {' '.join(sorted(scanned))}", flush=True)
    return [f"{step} reads {table} from end to end" for table in scanned]
