"""manage.py check_seal: whether the contract seal works, in plain sentences."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from contracts.health.seal_check import check_the_seal
from contracts.sealing.canary import Weight

MARKS = {Weight.SOUND: "ok", Weight.WARNING: "warning", Weight.BROKEN: "BROKEN"}


class Command(BaseCommand):
    help = "Seal a trial document, verify it, and look at all that the seal stands on. Exit status 1 when it is broken."

    def handle(self, *args: Any, **options: Any) -> None:
        examination = check_the_seal(now=timezone.now())
        for finding in examination.findings:
            self.stdout.write(f"{MARKS[finding.weight]:>8}  {finding.sentence}")
        if examination.broken:
            raise CommandError("The contract seal does not work: no contract can be made official.")
        self.stdout.write("The contract seal works.")
