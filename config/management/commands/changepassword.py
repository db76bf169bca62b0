"""manage.py changepassword: replaces Django's, which leaves API tokens alive and the security log without a line."""

import getpass
from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.sign_in.passwords import set_password

MAX_TRIES = 3


class Command(BaseCommand):
    help = "Set a user's password. Sessions and API tokens end; the change is logged and emailed to the user."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", nargs="?", help="by default that of the operating system's user")

    def handle(self, *args: Any, username: str | None, **options: Any) -> None:
        name = username or getpass.getuser()
        try:
            user = User.objects.get_by_natural_key(name)
        except User.DoesNotExist:
            raise CommandError(f"There is no user {name}.") from None
        self.stdout.write(f"The new password of {name}:")
        set_password(user=user, password=self._ask_for_password(user), by_id=None)
        self.stdout.write(f"The password of {name} was changed, and the user's API tokens were revoked.")

    def _ask_for_password(self, user: User) -> str:
        """Return a password that was entered twice and passed the validators. Raises CommandError after MAX_TRIES."""
        for _ in range(MAX_TRIES):
            password = getpass.getpass()
            if password != getpass.getpass("Password (again): "):
                self.stderr.write("The passwords differ.")
                continue
            try:
                validate_password(password, user)
            except ValidationError as error:
                self.stderr.write("\n".join(error.messages))
                continue
            return password
        raise CommandError(f"The password was not changed after {MAX_TRIES} attempts.")
