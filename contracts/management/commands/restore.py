"""manage.py restore: restore a backup into an empty database and storage."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from common.arguments import positive
from common.errors import DATABASE_UNAVAILABLE_ERRORS
from contracts.operations.backup import BackupError, manifest
from contracts.operations.backup.encryption import read_identities
from contracts.operations.backup.making import COPIES_AT_ONCE
from contracts.operations.backup.places import find_place
from contracts.operations.backup.restoring import restore


class Command(BaseCommand):
    help = (
        "Restore the newest backup of PLACE (default: BACKUP_URL) into the configured database and storage, which must "
        "be empty. The restored system sends no email or webhook until resume_sending. Then run verify_restore "
        "(docs/backup.md)."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("place", metavar="PLACE", nargs="?")
        parser.add_argument("--at", metavar="NAME", help="restore this backup, such as 2026-11-25T10-00-00Z")
        parser.add_argument("--identity", metavar="FILE", type=Path, help="file with the private key of age")
        parser.add_argument("--jobs", type=positive, default=COPIES_AT_ONCE, help="files copied at once; default: 8")
        parser.add_argument(
            "--used-storage", action="store_true", help="allow other files in the storage, if it outlived its database"
        )
        parser.add_argument("--incomplete", action="store_true", help="restore even if the backup lacks files")

    def handle(
        self,
        *args: Any,
        place: str | None,
        at: str | None,
        identity: Path | None,
        jobs: int,
        used_storage: bool,
        incomplete: bool,
        **options: Any,
    ) -> None:
        try:
            backup = manifest.read(find_place(place), at)
            identities = read_identities(identity) if identity else []
            missing = restore(
                backup,
                now=timezone.now(),
                identities=identities,
                used_storage=used_storage,
                incomplete=incomplete,
                jobs=jobs,
            )
        except BackupError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(
                f"The storage could not be written, or the backup not be read: {error}. Run it again: it continues from"
                " here."
            ) from error
        except DATABASE_UNAVAILABLE_ERRORS as error:
            raise CommandError(f"The database is not available: {error}") from error
        for fault in missing:
            self.stdout.write(f"WRONG  {fault}")
        made = backup.manifest
        if made.damaged:
            self.stdout.write(f"The backup was made without {len(made.damaged)} files; verify_restore names them.")
        self.stdout.write(f"{backup.path} is restored: {sum(made.rows.values())} rows, {made.files} files.")
        self.stdout.write(
            f"Check it with verify_restore {backup.place.label} --at {backup.name} before anybody works on it."
        )
        self.stdout.write("Emails and webhooks are held back. resume_sending ends that: in a drill, never.")
        if missing:
            sys.exit(1)
