"""What importing 100,000 orders costs, against COPY of the same rows into the same table on PostgreSQL.

    DATABASE_URL=postgres://… .venv/bin/python -m benchmarks.import_orders [rows]

Works in a test database of its own. Prints seconds, medians over interleaved runs, the ratio to the budget of 15, and
the peak memory of the process after a tenth of the rows and after all of them.
"""

import csv
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import Account  # noqa: E402
from common.csv_files import open_csv  # noqa: E402
from orders.importing import COLUMNS, ImportSummary, import_file  # noqa: E402
from tests.tampering import guards_lifted  # noqa: E402

ROWS = 100_000
RUNS = 3
BUDGET = 15
NEW = "import, all new"
SAME = {
    "kind": "new",
    "configuration": "计算型 c6，8 核 16 GB；General purpose SSD (gp3) 200 GB; SKU 2KRSTFABXH77P2FQ; 12 months",
    "region": "Asia Pacific (Tokyo)",
    "currency": "CNY",
    "list_amount": "1200.00",
    "payable_amount": "1080.50",
    "paid_amount": "1080.50",
    "status": "paid",
}
MEMORY_BUDGET = 1.25
"""Peak memory after all rows against that after a tenth of them."""


def write_sheet(path: Path, count: int, *, quantity: str = "2") -> Path:
    """A CSV file of `count` paid orders of 100 accounts and 50 products."""
    now = timezone.now().replace(microsecond=0)
    with path.open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, COLUMNS)
        writer.writeheader()
        for i in range(count):
            ordered_at = now - timedelta(minutes=i % 8000)
            changing = {
                "number": f"FO{i:012d}",
                "account": f"{30000000 + i % 100}",
                "product_code": f"product-{i % 50}",
                "product_name": f"云服务器 Elastic Compute {i % 50}",
                "quantity": quantity,
                "ordered_at": ordered_at.isoformat(),
                "paid_at": (ordered_at + timedelta(seconds=30)).isoformat(),
                "service_start": ordered_at.isoformat(),
                "service_end": (ordered_at + timedelta(days=365)).isoformat(),
            }
            writer.writerow(SAME | changing)
    return path


def timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def load(path: Path) -> ImportSummary:
    with path.open("rb") as file, open_csv(file) as text:
        return import_file(text)


def empty() -> None:
    with guards_lifted(), connection.cursor() as cursor:  # CASCADE gets to lines of contracts, of which there are none
        cursor.execute("TRUNCATE orders_order CASCADE")
        cursor.execute("CHECKPOINT")


def copy_out(path: Path) -> None:
    with connection.cursor() as cursor, path.open("wb") as file, cursor.copy("COPY orders_order TO STDOUT") as copy:
        for block in copy:
            file.write(block)


def copy_in(path: Path) -> None:
    with connection.cursor() as cursor, path.open("rb") as file, cursor.copy("COPY orders_order FROM STDIN") as copy:
        while block := file.read(1 << 20):
            copy.write(block)


def peak() -> float:
    """The most memory this process has held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(folder: Path, count: int) -> int:
    Account.objects.bulk_create([Account(number=f"{30000000 + i}") for i in range(100)])
    load(write_sheet(folder / "tenth.csv", count // 10))
    memory_of_tenth = peak()
    sheet, dump = write_sheet(folder / "orders.csv", count), folder / "orders.copy"
    changed = write_sheet(folder / "changed.csv", count, quantity="3")
    times: dict[str, list[float]] = {"COPY": [], NEW: [], "import, same again": [], "import, all changed": []}
    for run in range(RUNS):
        empty()
        times[NEW].append(timed(lambda: load(sheet)))
        times["import, same again"].append(timed(lambda: load(sheet)))
        if not run:
            memory_of_all = peak()
            copy_out(dump)
        times["import, all changed"].append(timed(lambda: load(changed)))
        empty()
        times["COPY"].append(timed(lambda: copy_in(dump)))
    base = statistics.median(times["COPY"])
    print(f"{count:,} orders{'':<20}{'seconds':>9}{'rows/s':>10}{'ratio':>8}")
    for name, taken in times.items():
        seconds = statistics.median(taken)
        print(f"  {name:<31}{seconds:>9.2f}{count / seconds:>10,.0f}{seconds / base:>8.1f}")
    ratio = statistics.median(times[NEW]) / base
    growth = memory_of_all / memory_of_tenth
    print(f"ratio {ratio:.1f}, budget {BUDGET}: {'within' if ratio <= BUDGET else 'OVER'}")
    print(f"peak memory {memory_of_tenth:.0f} MB after {count // 10:,} rows, {memory_of_all:.0f} MB after {count:,}")
    print(f"growth {growth:.2f}, budget {MEMORY_BUDGET}: {'within' if growth <= MEMORY_BUDGET else 'OVER'}")
    return 0 if ratio <= BUDGET and growth <= MEMORY_BUDGET else 1


def main() -> int:
    if connection.vendor != "postgresql":
        print("Skipped: COPY is PostgreSQL's. Set DATABASE_URL.")
        return 0
    count = int(sys.argv[1]) if sys.argv[1:] else ROWS
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        with tempfile.TemporaryDirectory() as folder:
            return measure(Path(folder), count)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


if __name__ == "__main__":
    if main():
        sys.exit(1)
