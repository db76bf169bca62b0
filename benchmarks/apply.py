"""What applying costs beyond its document: `.venv/bin/python -m benchmarks.apply`.

In a test database of its own (SQLite, or PostgreSQL by DATABASE_URL): statements, of which there may be STATEMENTS
whatever the number of orders; the least of RUNS times each, taken in turns, and their ratio, which is held to BUDGET
for the most orders.
"""

import os
import sys
import time
from collections.abc import Callable

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from benchmarks.own_system import own_system  # noqa: E402
from contracts.documents.snapshots import read_snapshot  # noqa: E402
from contracts.models import Contract  # noqa: E402
from contracts.pdf import render_draft  # noqa: E402
from contracts.services import apply_for_contract, void_draft  # noqa: E402
from tests import factories  # noqa: E402

RUNS = 15
STATEMENTS = 16
BUDGET = 1.5
MOST = 200


def ms(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


def least_ms(apply: Callable[[], object], release: Callable[[], object], render: Callable[[], object]) -> list[float]:
    """The least time of applying and of rendering: what else the machine does only ever adds."""
    times = []
    for _ in range(RUNS):
        times.append((ms(apply), ms(render)))
        release()
    return [min(column) for column in zip(*times, strict=True)]


def measure() -> int:
    factories.IssuerFactory()
    actor = factories.member()
    product = factories.ProductFactory()
    print(f"{connection.vendor}\n{'orders':>6}  {'statements':>10}  {'apply ms':>8}  {'render ms':>9}  {'ratio':>5}")
    over = False
    for count in (1, 20, MOST):
        facts = {"account": actor.account, "product": product, "configuration": "4 vCPU, 16 GB; " * 20}
        numbers = [factories.PaidOrderFactory(**facts).number for _ in range(count)]

        def apply(numbers: list[str] = numbers) -> Contract:
            return apply_for_contract(type="order", order_numbers=numbers, by=actor)

        def release() -> None:
            void_draft(contract=Contract.objects.get(status="draft"), by=actor)

        with CaptureQueriesContext(connection) as captured:
            contract = apply()
        snapshot = read_snapshot(contract, contract.lines.values_list("snapshot", flat=True))
        release()
        applied, rendered = least_ms(apply, release, lambda snapshot=snapshot: render_draft(snapshot))
        ratio = applied / rendered
        print(f"{count:>6}  {len(captured):>10}  {applied:>8.1f}  {rendered:>9.1f}  {ratio:>5.2f}", flush=True)
        over = over or len(captured) > STATEMENTS or (count == MOST and ratio > BUDGET)
    print(f"budget {STATEMENTS} statements, and {BUDGET} with {MOST} orders: {'OVER' if over else 'within'}")
    return int(over)


def main() -> int:
    with own_system():
        return measure()


if __name__ == "__main__":
    if main():
        sys.exit(1)
