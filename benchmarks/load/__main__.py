"""The system as in production, with 1,000,000 contracts and 3,000,000 orders, and customers who come at once.

    DATABASE_URL=postgres://… .venv/bin/python -m benchmarks.load [contracts] [seconds]

Called by hand: `make bench` does not. It needs PostgreSQL on this machine, redis-server and a quarter of an hour;
docs/load.md tells what it prints. The databases load_10000 and load_1000000 are made where they are missing, beside
that of DATABASE_URL, and kept with the files in var/load for the next run: drop them in the end. Exits with 1 for any
error, any long table that a statement reads from end to end, and any list over its budget.
"""

import os
import subprocess
import sys
from pathlib import Path

from tests.system import servers
from tests.system.processes import ROOT

FOLDER = ROOT / "var/load"
FEW, MANY = 10_000, 1_000_000
SECONDS = 6.0
"""Of each step under load; a crowd has twice as long."""
CUSTOMERS = 32
CROWDS = (1, 2, 4, 8, 16, 32)
TURNS = 24


def main() -> int:
    count = int(sys.argv[1]) if sys.argv[1:] else MANY
    seconds = float(sys.argv[2]) if sys.argv[2:] else SECONDS
    FOLDER.mkdir(parents=True, exist_ok=True)
    redis = servers.Redis(FOLDER)
    with redis.running():
        return _prepare_and_run(FOLDER, redis.url, count, seconds)


def _prepare_and_run(folder: Path, redis: str, count: int, seconds: float) -> int:
    from benchmarks.load import environment  # noqa: PLC0415 - settings are read once the environment is there

    for words in (["init_seal"], ["collectstatic", "--noinput", "--verbosity", "0"]):
        command = [sys.executable, "manage.py", *words]
        subprocess.run(command, env={**os.environ, **environment.of(folder)}, check=True, stdout=subprocess.DEVNULL)
    os.environ.update(environment.of(folder) | {"REDIS_URL": redis})
    from benchmarks.load.running import run  # noqa: PLC0415

    return run(few=FEW, many=count, redis=redis, customers=CUSTOMERS, crowds=CROWDS, turns=TURNS, seconds=seconds)


if __name__ == "__main__":
    if main():
        sys.exit(1)
