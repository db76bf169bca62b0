"""Databases with a long history and with a short one, and what the same pages take over either."""

import json
import logging
import os
import statistics
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.db import connection, connections  # noqa: E402
from django.test import Client, override_settings  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from benchmarks.long_history import write_history  # noqa: E402

MANY, FEW = 1_000_000, 10_000
RUNS, MOST_RUNS = 7, 40
"""A page that seems over the budget is asked for more often: on a busy machine the fastest run takes its time."""
BUDGET = 1.3
SLACK = 3.0
"""Milliseconds by which the same page differs from run to run."""
LONGEST = 1000
"""Milliseconds, for the pages that may grow."""
LONG = 30_000
"""Rows of one table that a statement may read, to show fifty and to count ten thousand."""
OWN_CACHE = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


class Database:
    """One of several databases of the server that DATABASE_URL names."""

    def __init__(self, name: str) -> None:
        self.connection = connection.copy()
        self.connection.settings_dict["NAME"] = name

    @contextmanager
    def open(self) -> Iterator[None]:
        """Everything inside reads this database."""
        before = connections["default"]
        connections["default"] = self.connection
        try:
            yield
        finally:
            connections["default"] = before

    def row(self, sql: str, *given: object) -> tuple:
        with self.connection.cursor() as cursor:
            cursor.execute(sql, given)
            return cursor.fetchone()

    def nodes(self, sql: str) -> Iterator[dict]:
        """Every step of the plan by which PostgreSQL answers the statement, which is asked once more for it."""
        with self.connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}")
            plan = cursor.fetchone()[0]
        nodes = [(json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]]
        while nodes:
            node = nodes.pop()
            nodes += node.get("Plans", [])
            yield node


def rows_of(node: dict) -> int:
    """Rows that a step of a plan has looked at, those that it threw away too."""
    return (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]


class History(Database):
    """A database with so many contracts, of one account or of many; user 1 is a superuser."""

    def __init__(self, name: str, contracts: int, accounts: int = 0) -> None:
        super().__init__(name)
        self.client = Client()
        self.headers: dict[str, str] = {}
        self.terms: dict[str, str] = {}
        """What the addresses of the pages are filled in with."""
        with self.open():
            get_user_model().objects.create_superuser("root")
            started = time.perf_counter()
            write_history(contracts, accounts)
            size = self.row("SELECT pg_database_size(current_database()) / 1e6")[0]
        print(f"{contracts:>9,} contracts made in {time.perf_counter() - started:.0f} s, {size:,.0f} MB", flush=True)

    def get(self, address: str) -> float:
        """Milliseconds that the page takes."""
        with self.open():
            started = time.perf_counter()
            answer = self.client.get(address, headers=self.headers)
            taken = (time.perf_counter() - started) * 1000
        assert answer.status_code == 200, (address, answer.status_code)
        return taken

    def statements(self, address: str) -> tuple[int, float, list[str]]:
        """How many the page takes, the slowest in ms, and the long tables that any reads from end to end."""
        with self.open(), CaptureQueriesContext(self.connection) as captured:
            assert self.client.get(address, headers=self.headers).status_code == 200
        queries = list(captured)
        read = [query["sql"] for query in queries if query["sql"].startswith("SELECT")]
        scanned = {table for sql in read for table in self._scanned(sql)}
        return len(queries), max(float(query["time"]) for query in queries) * 1000, sorted(scanned)

    def _scanned(self, sql: str) -> list[str]:
        return [node["Relation Name"] for node in self.nodes(sql) if "Relation Name" in node and rows_of(node) > LONG]


@contextmanager
def databases(names: Iterable[str]) -> Iterator[dict[str, str]]:
    """Name → the empty, migrated database that is made for it, and dropped afterwards."""
    before = connection.settings_dict["NAME"]
    empty = connection.creation.create_test_db(verbosity=0, autoclobber=True)
    connection.close()
    made = {name: f"{empty}_{name}" for name in names}
    try:
        with connection._nodb_cursor() as cursor:
            for database in made.values():
                cursor.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
                cursor.execute(f'CREATE DATABASE "{database}" TEMPLATE "{empty}"')
        with override_settings(DEBUG=False, ALLOWED_HOSTS=["testserver"], CACHES=OWN_CACHE, API_RATE=0):
            yield made
    finally:
        with connection._nodb_cursor() as cursor:
            for database in made.values():
                cursor.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        connection.creation.destroy_test_db(before, verbosity=0)


def compare(
    few: History,
    many: History,
    pages: Iterable[tuple[str, str]],
    *,
    growing: Mapping[str, str],
    most_statements: int | None = None,
    longest: int = LONGEST,
) -> bool:
    """Whether every page, a name and its address, is within the budget; `growing` are those that may take `longest`."""
    logging.disable(logging.INFO)  # a line for every request
    print(f"{'':<52}{'few ms':>9}{'many ms':>9}{'ratio':>7}{'statements':>11}{'slowest':>9}  reads whole")
    over = []
    for name, address in pages:
        times: dict[History, list[float]] = {few: [], many: []}
        for turn in range(MOST_RUNS):
            for history, taken in times.items():
                cache.clear()  # the sums on the first page are kept; here they are not
                taken.append(history.get(address.format(**history.terms)))
            a, b = min(times[few]), min(times[many])
            within = b <= longest if name in growing else b <= a * BUDGET or b - a <= SLACK
            if within and turn + 1 >= RUNS:
                break
        medians = "".join(f"{statistics.median(taken):>9.1f}" for taken in times.values())
        count, slowest, scanned = many.statements(address.format(**many.terms))
        within = within and (most_statements is None or count <= most_statements)
        said = " ".join(scanned) + ("" if within else "  OVER")
        print(f"{name:<52}{medians}{b / a:>7.2f}{count:>11}{slowest:>9.0f}  {said}", flush=True)
        if not within:
            over.append(name)
    for name, reason in growing.items():
        print(f"allowed {longest} ms: {name}: {reason}")
    print(f"budget {BUDGET}, or {SLACK:.0f} ms more: {'OVER: ' + ', '.join(over) if over else 'within'}")
    return not over
