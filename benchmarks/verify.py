"""Verdicts a second, of files by kind: `.venv/bin/python -m benchmarks.verify`.

In a test database of its own (SQLite, or PostgreSQL by DATABASE_URL). An authentic file is registered and read in this
process; the others go through the process with limits. Prints the median of RUNS in ms, verdicts a second, one after
the other, and statements; the budgets are in ms.
"""

import os
import statistics
import sys
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext, override_settings  # noqa: E402

from benchmarks.own_system import own_system  # noqa: E402
from contracts import sealing  # noqa: E402
from contracts.documents import files as documents  # noqa: E402
from contracts.sealing.embedded import make_test_seal  # noqa: E402
from contracts.verification.codes import verdict_of_code  # noqa: E402
from contracts.verification.file_verdict import verdict_of_file  # noqa: E402
from tests import factories  # noqa: E402

RUNS = 30
BUDGETS = {"authentic": 50, "draft": 50, "changed": 300, "appended": 300, "not_ours": 300, "no_seal": 300, "code": 50}
"""Milliseconds for each kind."""


def measure(folder: Path) -> int:
    factories.IssuerFactory()
    contract = factories.official(factories.member(), count=20)
    kinds = {document.kind: documents.read(document) for document in contract.documents.all()}
    official, draft = kinds["official"], kinds["draft"]
    changed = bytearray(official)
    changed[len(draft) // 2] ^= 1
    with override_settings(SEAL_P12=str(make_test_seal(folder / "other", name="Other", passphrase="").path)):
        foreign = sealing.seal(draft, number=contract.number, issuer_name="Other")
    files = {
        "authentic": official,
        "draft": draft,
        "changed": bytes(changed),
        "appended": official + b"more",
        "not_ours": foreign,
        "no_seal": draft[:-1],
    }
    print(connection.vendor)
    print(f"{'kind':<10}  {'kB':>4}  {'ms':>6}  {'a second':>8}  {'statements':>10}  {'budget ms':>9}")
    over = False
    for kind, budget in BUDGETS.items():
        file = files.get(kind)
        over |= row(kind, file, contract.verification_code) > budget
    print(f"budgets: {'OVER' if over else 'within'}")
    return int(over)


def row(kind: str, file: bytes | None, code: str) -> float:
    def ask() -> None:
        verdict_of_code(code) if file is None else verdict_of_file(file)

    ask()
    with CaptureQueriesContext(connection) as captured:
        ask()
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        ask()
        times.append((time.perf_counter() - started) * 1000)
    took = statistics.median(times)
    size = len(file or b"") // 1000
    print(
        f"{kind:<10}  {size:>4}  {took:>6.1f}  {1000 / took:>8.0f}  {len(captured):>10}  {BUDGETS[kind]:>9}", flush=True
    )
    return took


def main() -> int:
    with own_system(sealing=True) as folder:
        return measure(folder)


if __name__ == "__main__":
    if main():
        sys.exit(1)
