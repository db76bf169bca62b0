"""All of the load test, once the environment is there."""

import logging
import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection  # noqa: E402

from benchmarks.load import tables  # noqa: E402
from benchmarks.load.crowd import begin, by_http, counting, customers_of, in_this_process  # noqa: E402
from benchmarks.load.customers import Customer  # noqa: E402
from benchmarks.load.site import Site, manage, started  # noqa: E402


def run(*, few: int, many: int, redis: str, customers: int, crowds: Sequence[int], turns: int, seconds: float) -> int:
    """The tables; 1 where something was wrong."""
    if connection.vendor != "postgresql":
        print("Skipped: PostgreSQL makes the rows. Set DATABASE_URL.")
        return 0
    logging.getLogger().setLevel(logging.WARNING)  # not a line for each request of this process
    brokers = [redis.removesuffix("0") + str(number) for number in (0, 1)]
    with started(few, {"REDIS_URL": brokers[0]}) as small, started(many, {"REDIS_URL": brokers[1]}) as large:
        wrong = _statements(large)
        crowd_of = {site.contracts: _signed_in(site, customers) for site in (small, large)}
        within = tables.ratios(crowd_of[few], crowd_of[many], turns)
        for site in (small, large):
            wrong += tables.under_load(site, crowd_of[site.contracts], seconds)
        wrong += tables.until_it_breaks(large, crowd_of[many], crowds, 2 * seconds)
        _archive_of_one(large, crowd_of[many][0])
    for error in wrong:
        print(f"WRONG  {error}")
    print(f"{len(wrong)} things are wrong; lists are {'within' if within else 'OVER'} their budget")
    return 1 if wrong or not within else 0


def _statements(site: Site) -> list[str]:
    [customer] = customers_of(site, 1, in_this_process)
    return tables.statements(site, customer)


def _signed_in(site: Site, count: int) -> list[Customer]:
    """Customers who have signed in and have a contract of their own, two at a time."""
    customers = customers_of(site, count, lambda: by_http(site.port))
    with counting(customers) as figures, ThreadPoolExecutor(2) as pool:
        list(pool.map(begin, customers))
    signed_in = figures.times["sign in"]
    print(
        f"{site.contracts:,} contracts, {len(customers)} customers: signing in takes {tables.median(signed_in):.0f} ms"
    )
    return customers


def _archive_of_one(site: Site, customer: Customer) -> None:
    number = customer.officials[-1].number
    begun = time.perf_counter()
    said = manage(site.environment, "manage.py", "verify_archive", "--contract", number)
    print(f"\nverify_archive --contract: {time.perf_counter() - begun:.1f} s: {said.strip().splitlines()[-1]}")
