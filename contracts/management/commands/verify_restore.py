"""manage.py verify_restore: check a restored system against its backup."""

import os
import sys
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.errors import DATABASE_UNAVAILABLE_ERRORS
from contracts.operations.backup import BackupError, manifest
from contracts.operations.backup.places import find_place
from contracts.operations.backup.verifying import differences
from jobs.holding import get_sending_hold_start


class Command(BaseCommand):
    help = (
        "Compare rows, files and sealed heads of a restored system with the backup of PLACE (default: BACKUP_URL), "
        "then check the archive like verify_archive: checksums, signatures, trails. Changes nothing. Exits 1 if "
        "something is wrong."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("place", metavar="PLACE", nargs="?")
        parser.add_argument("--at", metavar="NAME", help="the restored backup; default: the newest")
        parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="number; default: one per core")

    def handle(self, *args: Any, place: str | None, at: str | None, processes: int, **options: Any) -> None:
        wrong = 0
        try:
            backup = manifest.read(find_place(place), at)
            for difference in differences(backup):
                self.stdout.write(f"WRONG  {difference}")
                wrong += 1
        except BackupError as error:
            raise CommandError(str(error)) from error
        except DATABASE_UNAVAILABLE_ERRORS as error:
            raise CommandError(f"The database is not available: {error}") from error
        same = f"{wrong} things differ" if wrong else "the same rows and files"
        self.stdout.write(f"Compared with {backup.path}: {same}.")
        self.stdout.write(
            "Emails and webhooks are held back." if get_sending_hold_start() else "Emails and webhooks are NOT held."
        )
        call_command("verify_archive", processes=processes, stdout=self.stdout)  # exits 1 itself
        if wrong:
            sys.exit(1)
