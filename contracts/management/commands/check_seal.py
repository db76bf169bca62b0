"""manage.py check_seal: check the contract seal and print the findings."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.access.actors import COMMAND
from contracts.health.seal_check import check_the_seal
from contracts.models import SealKey
from contracts.sealing.canary import Severity

MARKS = {Severity.SOUND: "ok", Severity.WARNING: "warning", Severity.BROKEN: "BROKEN"}


class Command(BaseCommand):
    help = (
        "Seal a trial document, verify it, check everything that the seal depends on, and list the pinned keys. "
        "Exits 1 if it is broken."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        examination = check_the_seal(now=timezone.now(), by=COMMAND)
        for item in examination.items:
            self.stdout.write(f"{MARKS[item.severity]:>8}  {item.sentence}")
        for key in SealKey.objects.all():
            since = f"{key.first_sealed_at:%Y-%m-%d %H:%M} UTC"
            self.stdout.write(f"{'pinned':>8}  {key.fingerprint}  {key.subject}, first sealed {since}")
        if examination.broken:
            raise CommandError("The contract seal does not work: no contract can be made official.")
        self.stdout.write("The contract seal works.")
