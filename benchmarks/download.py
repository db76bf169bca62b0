"""An archive of 100 and of 1,000 contracts: time, size and memory beyond the start.

    .venv/bin/python -m benchmarks.download

Each archive is made in a process of its own, and tested by unzip. Ten times the contracts may take 1.3 × the memory:
the ZIP file is sent as it is made.
"""

import multiprocessing
import multiprocessing.queues
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection  # noqa: E402

from accounts.access.actors import Actor  # noqa: E402
from benchmarks.convert import drafts  # noqa: E402
from benchmarks.own_system import own_system  # noqa: E402
from contracts.bulk.archives import stream_archive  # noqa: E402
from contracts.models import Contract  # noqa: E402
from tests import factories  # noqa: E402

FEW, MANY = 100, 1_000
BUDGET = 1.3
SMALLEST = 10
"""Megabytes that any archive may take: a chunk's rows, and a file."""
FORK = multiprocessing.get_context("fork")
Answer = multiprocessing.queues.SimpleQueue[tuple[float, float]]


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def write(
    numbers: list[str], by: Actor, path: Path, answer: "multiprocessing.SimpleQueue[tuple[float, float]]"
) -> None:
    before, begin = peak(), time.perf_counter()
    with path.open("wb") as file:
        for chunk in stream_archive(numbers, "current", by):
            file.write(chunk)
    answer.put((time.perf_counter() - begin, peak() - before))


def measure(numbers: list[str], by: Actor, folder: Path) -> tuple[float, float, float]:
    """Return seconds, megabytes of the archive, and megabytes of memory beyond the start."""
    path, answer = folder / f"{len(numbers)}.zip", FORK.SimpleQueue()
    connection.close()  # a forked process must not share it
    process = FORK.Process(target=write, args=(numbers, by, path, answer))
    process.start()
    process.join()
    if process.exitcode:
        sys.exit("No archive was made.")
    subprocess.run(["unzip", "-tqq", str(path)], check=True)
    seconds, memory = answer.get()
    return seconds, path.stat().st_size / 1e6, memory


def main() -> int:
    with own_system(), tempfile.TemporaryDirectory() as folder:
        factories.IssuerFactory()
        by = factories.member()
        drafts(MANY, by)
        numbers = list(Contract.objects.values_list("number", flat=True))
        measured = {count: measure(numbers[:count], by, Path(folder)) for count in (FEW, MANY)}
    print(f"{'contracts':>9}{'s':>8}{'file MB':>9}{'memory MB':>11}")
    for count, (seconds, megabytes, memory) in measured.items():
        print(f"{count:>9,}{seconds:>8.1f}{megabytes:>9.1f}{memory:>11.1f}")
    within = measured[MANY][2] <= max(measured[FEW][2], SMALLEST) * BUDGET
    print("within" if within else "OVER")
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main())
