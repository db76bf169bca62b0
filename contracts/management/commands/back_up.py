"""manage.py back_up: the database as of now, every file that it names, and what a restored copy is checked against."""

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
        "Back up the database and every stored file that it names into FOLDER, while the system runs. Files that an "
        "earlier backup there has are not copied again. Holds neither the seal's key nor SECRET_KEY: keep those "
        "elsewhere (docs/backup.md). Exits 1 where a file is missing or damaged in the storage, and backs up the rest."
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
                f"The database is not of this version: {error} Back up with the code that it was migrated by, before an"
                " upgrade fetches a later one."
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
