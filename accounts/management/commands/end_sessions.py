"""manage.py end_sessions: sign out a person, or everybody, after an incident."""

from typing import Any

from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.sign_in.sessions import end_sessions


class Command(BaseCommand):
    help = "End the sessions of a user, or with --all of everybody. API tokens stay valid. Recorded."

    def add_arguments(self, parser: CommandParser) -> None:
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument("username", nargs="?")
        who.add_argument("--all", action="store_true")

    def handle(self, *args: Any, username: str | None, **options: Any) -> None:
        users = User.objects.filter(pk__in=Session.objects.values("signed_in__user"))
        if username:
            users = User.objects.filter(username=username)
            if not users:
                raise CommandError(f"There is no user {username}.")
        number = sum(end_sessions(user=user, but=None, by_id=None) for user in users)
        self.stdout.write(f"{number} sessions ended.")
