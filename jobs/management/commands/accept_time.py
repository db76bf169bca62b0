from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jobs.trusted_time import UntrustedTime, accept_time


class Command(BaseCommand):
    help = (
        "Resume cancelling, expiring and deleting after they were refused because of a clock jump. "
        "Run it once the clocks are right."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            now = accept_time()
        except UntrustedTime as wrong:
            raise CommandError(str(wrong)) from wrong
        self.stdout.write(f"Due work resumes from {now:%Y-%m-%d %H:%M:%S%z}.")
