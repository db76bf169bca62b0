"""manage.py erase_person: erase a person's data and keep what the law requires."""

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from common.errors import Refused
from contracts.operations.privacy.addresses import erase_address
from contracts.operations.privacy.erasing import erase_person


class Command(BaseCommand):
    help = (
        "Erase the personal data of a user: name, email, password, sessions, tokens, emails, identity documents. "
        "Contracts, documents, audit trails and books stay, as the law requires (docs/privacy.md). Cannot be undone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", nargs="?")
        parser.add_argument("--id", type=int, help="user id, instead of the name, after restoring an older backup")
        parser.add_argument("--email", help="an address that contracts are sent to, instead of a user")

    def handle(self, *args: Any, username: str | None, **options: Any) -> None:
        if options["email"] and not username and options["id"] is None:
            erased_rows = erase_address(options["email"].strip())
            self.stdout.write(f"The address is erased: {_describe(erased_rows) or 'nothing had it'}.")
            return
        user = get_person(username, options["id"])
        try:
            erased = erase_person(user=user, now=timezone.now())
        except Refused as refused:
            raise CommandError(refused.detail) from refused
        self.stdout.write(f"User {erased.user_id} is erased: {_describe(erased.rows) or 'the user alone'}.")
        for number in erased.left:
            self.stdout.write(f"Account {number} has no members any more; its contracts and books stay.")
        self.stdout.write(
            f"Write down the id and the day, and no name. After restoring an older backup: erase_person --id {user.pk}"
        )


def _describe(rows: dict[str, int]) -> str:
    return ", ".join(f"{count} {what.replace('_', ' ')}" for what, count in rows.items() if count)


def get_person(username: str | None, user_id: int | None = None) -> User:
    """Return the user with this name or id. Raises CommandError."""
    if (username is None) == (user_id is None):
        raise CommandError("Give a user name, or --id.")
    user = User.objects.filter(**({"username": username} if user_id is None else {"pk": user_id})).first()
    if user is None:
        raise CommandError(f"There is no user {username or user_id}.")
    return user
