"""manage.py resume_sending: a restored copy becomes the system, and writes to people again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contracts.operations.holding import resume_sending
from jobs.holding import get_sending_hold_start


class Command(BaseCommand):
    help = (
        "Let emails and webhooks leave a system that was restored from a backup. Never in a drill: the people in the "
        "rows are real (docs/backup.md)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--give-up-what-waits",
            action="store_true",
            help="what waits now was sent before the restore, or is too old: mark it as given up",
        )

    def handle(self, *args: Any, give_up_what_waits: bool, **options: Any) -> None:
        since = get_sending_hold_start()
        if since is None:
            raise CommandError("Sending is not held.")
        emails, webhooks = resume_sending(give_up=give_up_what_waits)
        what = "were given up" if give_up_what_waits else "go out now"
        self.stdout.write(f"Sending was held since {since.isoformat(timespec='seconds')}.")
        self.stdout.write(f"{emails} emails and {webhooks} webhooks that waited {what}.")
