"""manage.py reset_mfa: for a person who lost the devices of the second factor, and the recovery codes."""

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.sign_in.second_factor import reset_second_factors
from accounts.sign_in.sessions import end_sessions
from common.transactions import in_transaction


class Command(BaseCommand):
    help = "Remove all second factors of a user and end the user's sessions. Recorded, and emailed to the user."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    @in_transaction
    def handle(self, *args: Any, username: str, **options: Any) -> None:
        try:
            user = User.objects.get_by_natural_key(username)
        except User.DoesNotExist:
            raise CommandError(f"There is no user {username}.") from None
        number = reset_second_factors(user=user, by_id=None)
        end_sessions(user=user, but=None, by_id=None)
        self.stdout.write(f"{number} second factors of {username} were removed, and the user's sessions ended.")
