"""manage.py check_system: check everything that the system needs, and print what to do about each failure."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.system_checks import LIMIT_SECONDS, SYSTEM_CHECKS, NothingToCheck, SystemCheck, time_limit


class Command(BaseCommand):
    help = (
        "Check database, migrations, broker, storage, mail server, timestamp server, seal, clock, scheduled jobs, disk "
        f"space, backups and anchor, each within {LIMIT_SECONDS} seconds. Exits 1 if one fails."
    )
    requires_system_checks = []  # those of Django may query a database that is away

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("part", nargs="*", help=f"check only these: {', '.join(SYSTEM_CHECKS)}")

    def handle(self, *args: Any, part: list[str], **options: Any) -> None:
        if unknown := [name for name in part if name not in SYSTEM_CHECKS]:
            raise CommandError(f"Unknown: {', '.join(unknown)}. Choose from {', '.join(SYSTEM_CHECKS)}.")
        failed = [name for name in part or SYSTEM_CHECKS if not self._check(name, SYSTEM_CHECKS[name])]
        if failed:
            raise CommandError(f"Failed: {', '.join(failed)}.")

    def _check(self, name: str, check: SystemCheck) -> bool:
        """Run the check and print its line. Return False if it failed."""
        try:
            with time_limit(LIMIT_SECONDS):
                works = check.run()
        except NothingToCheck as reason:
            self._print("-", name, f"{reason}.")
        except Exception as error:  # any failure means that the part does not work
            cause = " ".join(f"{type(error).__name__}: {error}".split()).rstrip(".")
            self._print("FAILED", name, f"{cause}. {check.advice}")
            return False
        else:
            self._print("OK", name, f"{works.rstrip('.')}.")
        return True

    def _print(self, mark: str, name: str, sentence: str) -> None:
        self.stdout.write(f"{mark:>6}  {name}: {sentence}")
