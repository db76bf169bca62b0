"""What applying costs beyond its document: `.venv/bin/python -m benchmarks.apply`.

In a test database of its own (SQLite, or PostgreSQL by DATABASE_URL): statements, time, and the ratio to rendering.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext, override_settings  # noqa: E402

from contracts.models import Contract  # noqa: E402
from contracts.pdf import render_draft  # noqa: E402
from contracts.services import apply_for_contract, void_draft  # noqa: E402
from contracts.snapshots import read_snapshot  # noqa: E402
from tests import factories  # noqa: E402

RUNS = 9


def median_ms(call: Callable[[], object], *, between: Callable[[], object] = lambda: None) -> float:
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        call()
        times.append((time.perf_counter() - started) * 1000)
        between()
    return statistics.median(times)


def measure() -> None:
    factories.IssuerFactory()
    actor = factories.member()
    product = factories.ProductFactory()
    print(f"{connection.vendor}\n{'orders':>6}  {'statements':>10}  {'apply ms':>8}  {'render ms':>9}  {'ratio':>5}")
    for count in (1, 20, 200):
        facts = {"account": actor.account, "product": product, "configuration": "4 vCPU, 16 GB; " * 20}
        numbers = [factories.PaidOrderFactory(**facts).number for _ in range(count)]

        def apply(numbers: list[str] = numbers) -> Contract:
            return apply_for_contract(type="order", order_numbers=numbers, by=actor)

        def release() -> None:
            void_draft(contract=Contract.objects.get(status="draft"), by=actor)

        with CaptureQueriesContext(connection) as captured:
            contract = apply()
        snapshot = read_snapshot(contract, list(contract.lines.all()))
        release()
        applied = median_ms(apply, between=release)
        rendered = median_ms(lambda snapshot=snapshot: render_draft(snapshot))
        print(f"{count:>6}  {len(captured):>10}  {applied:>8.1f}  {rendered:>9.1f}  {applied / rendered:>5.2f}")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        files = {
            "BACKEND": "contracts.storage.DurableFileSystemStorage",
            "OPTIONS": {"location": folder, "allow_overwrite": True},
        }
        with override_settings(STORAGES={"default": files}):
            connection.creation.create_test_db(verbosity=0, autoclobber=True)
            try:
                measure()
            finally:
                connection.creation.destroy_test_db("", verbosity=0)


if __name__ == "__main__":
    main()
