"""manage.py back_up: back up the database and every file that its rows name."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import ProgrammingError
from django.utils import timezone

from common.arguments import positive
from common.errors import DATABASE_UNAVAILABLE_ERRORS
from contracts.operations.backup import BackupError
from contracts.operations.backup.making import COPIES_AT_ONCE, back_up
from contracts.operations.backup.places import find_place


class Command(BaseCommand):
    help = (
        "Back up the database and every stored file that it names to PLACE, a folder or s3://bucket/prefix (default: "
        "BACKUP_URL), while the system runs. Files already there are not copied again. BACKUP_RECIPIENTS names the "
        "public keys to encrypt for. The seal's key and SECRET_KEY are not included: keep those "
        "elsewhere (docs/backup.md). Exits 1 if files are missing or damaged in the storage; the rest is backed up."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("place", metavar="PLACE", nargs="?")
        parser.add_argument("--jobs", type=positive, default=COPIES_AT_ONCE, help="files copied at once; default: 8")
        parser.add_argument(
            "--keep",
            type=positive,
            metavar="N",
            help="then delete all but the newest N backups of PLACE, and files that only the others had; not if "
            "files are missing or damaged in the storage",
        )

    def handle(self, *args: Any, place: str | None, jobs: int, keep: int | None, **options: Any) -> None:
        try:
            backup, copying = back_up(find_place(place), now=timezone.now(), jobs=jobs, keep=keep)
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
            f"{backup.path}: {sum(made.rows.values())} rows in {made.dump_size} bytes, {made.files} files,"
            f" {copying.new} of them new{'; encrypted' if made.encrypted else ''}."
            f" SHA-256 of the dump: {made.dump_sha256}."
        )
        if copying.deleted:
            self.stdout.write(f"{copying.deleted} older backups were deleted.")
        if copying.damaged:
            self.stdout.write(f"{len(copying.damaged)} files are not in it: missing or damaged in the storage.")
            sys.exit(1)
