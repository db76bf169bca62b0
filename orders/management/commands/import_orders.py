"""manage.py import_orders: import orders from a CSV file (format: docs/operations.md)."""

import sys
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from common.csv_files import open_csv
from common.errors import Refused
from orders.importing import ImportSummary, import_file

MAX_NAMED_PRODUCTS = 50
"""Maximum number of new products listed; more are counted."""
OUTCOMES = ("created", "updated", "unchanged", "stale", "failed")


class Command(BaseCommand):
    help = (
        "Create and update orders from a CSV file. A faulty row is reported with its line, column and reason, and "
        "nothing is written (exit status 1). With --skip-errors the other rows are written (exit status 0)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE.csv", type=Path)
        parser.add_argument(
            "--skip-errors", action="store_true", help="write the valid rows and report the faulty ones"
        )
        parser.add_argument(
            "--support-new-products", action="store_true", help="open new products to electronic contracts (R6)"
        )

    def handle(self, *args: Any, file: Path, skip_errors: bool, support_new_products: bool, **options: Any) -> None:
        try:
            with file.open("rb") as content, open_csv(content) as text:
                summary = self._import(text, skip_errors=skip_errors, support_new_products=support_new_products)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror or error}.") from error
        except Refused as refused:
            raise CommandError(f"{file}: {refused.detail} Nothing was written.") from refused
        self._report_errors(summary)
        if not summary.written:
            wrong, total = summary.rows["failed"], summary.rows.total()
            raise CommandError(f"{wrong} of {total} rows are wrong, so nothing of {file} was written.")
        self._report(summary, opened=support_new_products)
        self._report_warnings(summary)

    def _import(self, text: TextIO, *, skip_errors: bool, support_new_products: bool) -> ImportSummary:
        """Import the file, with a progress bar on a terminal."""
        size = Path(text.name).stat().st_size
        with tqdm(total=size, unit="B", unit_scale=True, file=sys.stderr, disable=None, leave=False) as bar:
            return import_file(
                text,
                skip_errors=skip_errors,
                support_new_products=support_new_products,
                progress=lambda: bar.update(text.buffer.tell() - bar.n),
            )

    def _report_errors(self, summary: ImportSummary) -> None:
        for error in summary.errors:
            self.stderr.write(str(error))
        if more := summary.error_count - len(summary.errors):
            self.stderr.write(f"and {more} more.")

    def _report_warnings(self, summary: ImportSummary) -> None:
        for warning in summary.warnings:
            self.stderr.write(f"Warning: {warning}")
        if more := summary.warning_count - len(summary.warnings):
            self.stderr.write(f"Warning: and {more} more.")

    def _report(self, summary: ImportSummary, *, opened: bool) -> None:
        counts = (
            f"{summary.rows[outcome]} {outcome}" for outcome in OUTCOMES if summary.rows[outcome] or outcome != "stale"
        )
        self.stdout.write(f"{', '.join(counts)}.")
        if codes := summary.new_products:
            named = ", ".join(codes[:MAX_NAMED_PRODUCTS]) + (
                f" and {len(codes) - MAX_NAMED_PRODUCTS} more" if len(codes) > MAX_NAMED_PRODUCTS else ""
            )
            state = "open to contracts" if opened else "closed to contracts until staff open them"
            self.stdout.write(f"New products ({len(codes)}), {state}: {named}.")
