"""How long the document takes: `.venv/bin/python -m benchmarks.render`.

One process, fonts loaded, best and median of several runs, in milliseconds.
"""

import argparse
import statistics
import time

from contracts.pdf import ContractSnapshot, render_draft
from tests.contracts.pdf.samples import order_line, snapshot

LATIN = "4 vCPU, 16 GB; general purpose SSD (gp3) 200 GB; bandwidth 20 Mbit/s; unit GB-Months; SKU 2KRSTFABXH77P2FQ; "
CHINESE = "计算型 c6，8 核 16 GB，系统盘 100 GB SSD，公网带宽 10 Mbit/s，可用区 B；购买时长 12 个月；"


def contract(count: int, language: str) -> ContractSnapshot:
    """A contract of `count` orders with configurations of 300 characters."""
    configuration = ((LATIN if language == "en" else CHINESE) * 8)[:300]
    lines = [order_line(n, configuration=configuration) for n in range(1, count + 1)]
    return snapshot(lines=lines, language=language)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    started = time.perf_counter()
    render_draft(contract(1, "both"))
    print(f"first document, fonts loaded with it: {(time.perf_counter() - started) * 1000:.0f} ms")
    print(f"{'orders':>6}  {'language':<8}  {'best':>7}  {'median':>7}  {'bytes':>8}")
    for count in (1, 20, 200):
        for language in ("en", "zh-hans", "both"):
            document = contract(count, language)
            times, size = [], 0
            for _ in range(runs):
                started = time.perf_counter()
                size = len(render_draft(document))
                times.append((time.perf_counter() - started) * 1000)
            print(f"{count:>6}  {language:<8}  {min(times):>7.1f}  {statistics.median(times):>7.1f}  {size:>8,}")


if __name__ == "__main__":
    main()
