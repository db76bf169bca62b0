"""CSV files of orders to import."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from django.core.management import call_command

UNPAID = {
    "number": "FO100000001",
    "account": "10000001",
    "product_code": "elastic-compute",
    "product_name": "Elastic Compute 弹性计算",
    "kind": "new",
    "configuration": "2 vCPU, 4 GiB; 12 months",
    "region": "cn-shanghai",
    "quantity": "2",
    "currency": "CNY",
    "list_amount": "1200.00",
    "payable_amount": "1080.50",
    "paid_amount": "0.00",
    "status": "unpaid",
    "ordered_at": "2026-11-20T09:30:00+08:00",
    "paid_at": "",
    "service_start": "",
    "service_end": "",
}
"""An order of two days before the clock of the tests."""

PAID = UNPAID | {
    "status": "paid",
    "paid_amount": "1080.50",
    "paid_at": "2026-11-21T10:00:00+08:00",
    "service_start": "2026-11-21T00:00:00+08:00",
    "service_end": "2027-11-21T00:00:00+08:00",
}


def sheet(path: Path, *rows: Mapping[str, str], columns: Iterable[str] = tuple(UNPAID)) -> Path:
    """A CSV file of `rows` at `path`/orders.csv."""
    file = path / "orders.csv"
    with file.open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, list(columns))
        writer.writeheader()
        writer.writerows(rows)
    return file


def numbered(count: int, row: Mapping[str, str] = UNPAID) -> list[dict[str, str]]:
    """`count` rows that differ in their number alone."""
    return [{**row, "number": f"FO2{i:08d}"} for i in range(count)]


def run(file: Path, *options: str) -> None:
    call_command("import_orders", str(file), *options)
