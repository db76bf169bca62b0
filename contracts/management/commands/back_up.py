"""manage.py back_up: back up the database and every file that its rows name."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import ProgrammingError
from django.utils import timezone

from common.errors import DATABASE_UNAVAILABLE_ERRORS
from contracts.operations.backup import BackupError
from contracts.operations.backup.making import back_up


class Command(BaseCommand):
    help = (
        "Back up the database and every stored file that it names into FOLDER, while the system runs. Files already in "
        "FOLDER from earlier backups are not copied again. The seal's key and SECRET_KEY are not included: keep those "
        "elsewhere (docs/backup.md). Exits 1 if files are missing or damaged in the storage; the rest is backed up."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="FOLDER", type=Path)

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            backup, copying = back_up(folder, now=timezone.now())
        except BackupError as error:
            raise CommandError(str(error)) from error
        except DATABASE_UNAVAILABLE_ERRORS as error:
            raise CommandError(f"The database is not available: {error}") from error
        except ProgrammingError as error:
            raise CommandError(
                f"The database does not match this version: {error} Back up with the version it was migrated with,"
                " before upgrading."
            ) from error
        made = backup.manifest
        for damage in copying.damaged:
            self.stdout.write(f"WRONG  {damage}")
        self.stdout.write(
            f"{backup.own}: {sum(made.rows.values())} rows in {made.dump_size} bytes, {made.files} files, {copying.new}"
            f" of them new. SHA-256 of the dump: {made.dump_sha256}."
        )
        if copying.damaged:
            self.stdout.write(f"{len(copying.damaged)} files are not in it: missing or damaged in the storage.")
            sys.exit(1)
