"""The export of 10,000 and of 100,000 contracts of one account: time, size and memory beyond the start.

    DATABASE_URL=postgres://… .venv/bin/python -m benchmarks.exports [contracts]

Each export runs in a process of its own. Ten times the contracts may take 1.3 × the memory: rows are written as they
are read.
"""

import os
import resource
import sys
import time
from multiprocessing import get_context

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import Account  # noqa: E402
from benchmarks.histories import Database, History, databases  # noqa: E402
from contracts.bulk.exporting import CONTRACTS  # noqa: E402
from exports.files import write_file  # noqa: E402
from exports.models import Export  # noqa: E402

FEW, MANY = 10_000, 100_000
BUDGET = 1.3
FORMATS = ("csv", "xlsx")


def measure(name: str, format_: str) -> tuple[float, float, float]:
    """Return seconds, megabytes of the file, and megabytes of memory beyond the start."""
    with Database(name).open():
        now = timezone.now()
        account = Account.objects.get(pk=1)
        export = Export(account=account, exporter=CONTRACTS.name, parameters={}, format=format_, requested_at=now)
        before, started = _peak(), time.perf_counter()
        with write_file(export, now) as file:
            size = file.seek(0, os.SEEK_END) / 1e6
        return time.perf_counter() - started, size, _peak() - before


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    if connection.vendor != "postgresql":
        print("Skipped: PostgreSQL makes the rows. Set DATABASE_URL.")
        return 0
    sizes = (FEW, int(sys.argv[1]) if sys.argv[1:] else MANY)
    within = True
    with databases([str(size) for size in sizes]) as made:
        for size in sizes:
            History(made[str(size)], size, 1).connection.close()
        print(f"{'':<6}{'contracts':>10}{'s':>8}{'file MB':>9}{'memory MB':>11}")
        for format_ in FORMATS:
            memory = []
            for size in sizes:
                with get_context("spawn").Pool(1) as pool:
                    seconds, megabytes, peak = pool.apply(measure, (made[str(size)], format_))
                print(f"{format_:<6}{size:>10,}{seconds:>8.1f}{megabytes:>9.1f}{peak:>11.1f}", flush=True)
                memory.append(peak)
            within = within and memory[1] <= max(memory[0], 10) * BUDGET
    print("within" if within else "OVER")
    return 0 if within else 1


if __name__ == "__main__":
    if main():
        sys.exit(1)
