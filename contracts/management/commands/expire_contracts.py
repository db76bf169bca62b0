from typing import Any

from django.core.management.base import BaseCommand, CommandError

from contracts.tasks import settle_all
from jobs.trusted_time import UntrustedTime


class Command(BaseCommand):
    help = "Cancel orders past their payment deadline and end payment request contracts that expired (R10, R20)."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = settle_all()
        except UntrustedTime as wrong:
            raise CommandError(f"Nothing was done, because the time may be wrong. {wrong}") from wrong
        self.stdout.write(f"{done['orders']} orders cancelled, {done['contracts']} contracts became invalid.")
