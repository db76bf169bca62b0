"""manage.py seed_demo: create people, orders and contracts for trying things out."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from contracts.operations import demo
from contracts.operations.demo.people import SIGN_INS


class Command(BaseCommand):
    help = "Create demo data relative to today. Running it again adds what is missing and resets the passwords."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("Demo sign-ins have well-known passwords, so they can only be created with DEBUG on.")
        count = demo.seed(now=timezone.now())
        self.stdout.write(f"Demo data is there, with {count} new orders. Every sign-in's password is its name:")
        self.stdout.write(f"{', '.join(SIGN_INS)}.")
