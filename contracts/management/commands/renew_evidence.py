"""manage.py renew_evidence: renew the timestamps over the daily lists."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Min
from django.utils import timezone

from contracts.models import EvidenceStamp
from contracts.sealing import SealUnavailable
from contracts.trail.renewal.stamping import renew, stamp_new_lists


class Command(BaseCommand):
    help = (
        "Stamp again the daily lists whose newest timestamp ends within a year, with one timestamp over lists, "
        "signatures and all earlier timestamps. Documents do not change. Safe to run twice or after an interruption."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--all",
            action="store_true",
            dest="all_lists",
            help="renew all lists now, such as after an algorithm change",
        )

    def handle(self, *args: Any, all_lists: bool, **options: Any) -> None:
        if not settings.SEAL_TSA_URL:
            raise CommandError("No timestamp server is set: set SEAL_TSA_URL.")
        try:
            self._report(stamp_new_lists(), "First stamp")
            renewed = renew(now=timezone.now(), all_lists=all_lists)
        except SealUnavailable as unavailable:
            raise CommandError(f"{unavailable.detail} Nothing is lost: run this again.") from unavailable
        self._report(renewed, "Renewal")
        if not renewed:
            next_due = EvidenceStamp.objects.current().aggregate(at=Min("renew_at"))["at"]
            self.stdout.write(f"No renewal is due{f' before {next_due:%Y-%m-%d}' if next_due else ''}.")

    def _report(self, stamp: EvidenceStamp | None, what: str) -> None:
        if stamp:
            self.stdout.write(
                f"{what}: stamp {stamp.number} covers the daily lists {stamp.first_list} to {stamp.last_list} "
                f"until {stamp.ends_at:%Y-%m-%d}."
            )
