from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jobs.trusted_time import WrongTime, accept_time


class Command(BaseCommand):
    help = (
        "Let cancelling, ending and deleting go on after they were refused because time had leapt. "
        "Run it once the clocks are right."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            now = accept_time()
        except WrongTime as wrong:
            raise CommandError(str(wrong)) from wrong
        self.stdout.write(f"Due work goes on from {now:%Y-%m-%d %H:%M:%S%z}.")
