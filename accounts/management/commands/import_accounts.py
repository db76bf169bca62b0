"""manage.py import_accounts: bring in customers from a CSV file (format: docs/operations.md)."""

import sys
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from accounts.access.actors import COMMAND
from accounts.provisioning import import_file
from accounts.provisioning.files import ImportSummary
from common.csv_files import open_csv
from common.errors import Refused


class Command(BaseCommand):
    help = (
        "Create and update accounts, Party A's details and first owners from a CSV file. A faulty row is reported with "
        "its line, column and reason, and nothing is written (exit status 1). With --skip-errors the other rows are "
        "written (exit status 0). The same file again changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE.csv", type=Path)
        parser.add_argument(
            "--skip-errors", action="store_true", help="write the valid rows and report the faulty ones"
        )

    def handle(self, *args: Any, file: Path, skip_errors: bool, **options: Any) -> None:
        try:
            with file.open("rb") as content, open_csv(content) as text:
                summary = self._import(text, skip_errors=skip_errors)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror or error}.") from error
        except Refused as refused:
            raise CommandError(f"{file}: {refused.detail} Nothing was written.") from refused
        for fault in summary.errors:
            self.stderr.write(str(fault))
        if more := summary.error_count - len(summary.errors):
            self.stderr.write(f"and {more} more.")
        if not summary.written:
            wrong, total = summary.rows["failed"], summary.rows.total()
            raise CommandError(f"{wrong} of {total} rows are wrong, so nothing of {file} was written.")
        counts = (f"{summary.rows[outcome]} {outcome}" for outcome in ("created", "updated", "unchanged", "failed"))
        self.stdout.write(f"{', '.join(counts)}.")

    def _import(self, text: TextIO, *, skip_errors: bool) -> ImportSummary:
        """Import the file, with a progress bar on a terminal."""
        size = Path(text.name).stat().st_size
        with tqdm(total=size, unit="B", unit_scale=True, file=sys.stderr, disable=None, leave=False) as bar:
            return import_file(
                text,
                skip_errors=skip_errors,
                progress=lambda: bar.update(text.buffer.tell() - bar.n),
                by=COMMAND,
            )
