"""manage.py resume_sending: end the hold on emails and webhooks of a restored system."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contracts.operations.resume_sending import resume_sending
from jobs.holding import get_sending_hold_start


class Command(BaseCommand):
    help = (
        "Send emails and webhooks again from a system that was restored from a backup. Never use it in a drill: the "
        "recipients are real people (docs/backup.md)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--give-up-what-waits",
            action="store_true",
            help="mark what waits now as given up, because it was sent before the restore or is too old",
        )

    def handle(self, *args: Any, give_up_what_waits: bool, **options: Any) -> None:
        since = get_sending_hold_start()
        if since is None:
            raise CommandError("Sending is not held.")
        emails, webhooks = resume_sending(give_up=give_up_what_waits)
        what = "were given up" if give_up_what_waits else "go out now"
        self.stdout.write(f"Sending was held since {since.isoformat(timespec='seconds')}.")
        self.stdout.write(f"{emails} emails and {webhooks} webhooks that waited {what}.")
