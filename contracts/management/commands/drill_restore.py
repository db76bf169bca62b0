"""manage.py drill_restore: restore the newest backup into a scratch database and folder, verify it, and delete both."""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.errors import DATABASE_UNAVAILABLE_ERRORS
from contracts.operations.backup import BackupError, manifest
from contracts.operations.backup.drill import drill
from contracts.operations.backup.places import find_place


class Command(BaseCommand):
    help = (
        "Restore the newest backup of PLACE (default: BACKUP_URL) into a scratch database and folder, check it there "
        "like verify_restore, and delete both. Exits 1 if the backup cannot be relied on (docs/backup.md)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("place", metavar="PLACE", nargs="?")
        parser.add_argument("--at", metavar="NAME", help="restore this backup, such as 2026-11-25T10-00-00Z")
        parser.add_argument("--identity", metavar="FILE", type=Path, help="file with the private key of age")
        parser.add_argument(
            "--server",
            default="",
            metavar="URL",
            help="postgres://user:password@host/database of another server for the scratch database",
        )
        parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="number; default: one per core")

    def handle(
        self,
        *args: Any,
        place: str | None,
        at: str | None,
        identity: Path | None,
        server: str,
        processes: int,
        **options: Any,
    ) -> None:
        previous = signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the scratch database is dropped
        try:
            backup = manifest.read(find_place(place), at)
            result = drill(backup, identity=identity, server=server, processes=processes)
        except BackupError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"The scratch folder in DATA_DIR could not be written: {error}") from error
        except DATABASE_UNAVAILABLE_ERRORS as error:
            raise CommandError(f"The database is not available: {error}") from error
        finally:
            signal.signal(signal.SIGTERM, previous)
        self.stdout.write(
            f"{backup.path} can be relied on: restored in {result.restore_seconds:.0f} s, checked in"
            f" {result.verify_seconds:.0f} s. The scratch database and folder are deleted."
        )
