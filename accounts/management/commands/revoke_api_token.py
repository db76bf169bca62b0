"""manage.py revoke_api_token: revoke an API token immediately."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.access.tokens import SHOWN_CHARS, delete_token
from accounts.models import ApiToken


class Command(BaseCommand):
    help = "Revoke the API token with this beginning. Programs that use it are refused immediately."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("beginning", help=f"its first {SHOWN_CHARS} or more characters")

    @transaction.atomic
    def handle(self, *args: Any, beginning: str, **options: Any) -> None:
        if len(beginning) < SHOWN_CHARS:
            raise CommandError(f"Enter at least the first {SHOWN_CHARS} characters.")
        matches = ApiToken.objects.filter(token_key__startswith=beginning[:15])
        tokens = list(matches.select_related("user", "membership__account"))
        if len(tokens) > 1:
            raise CommandError(f"{len(tokens)} tokens have this beginning. Enter more characters.")
        if not tokens:
            raise CommandError("No token has this beginning.")
        [token] = tokens
        delete_token(token, by_id=None)
        self.stdout.write(f"Revoked: {token.name or token.token_key[:SHOWN_CHARS]} of {token.user.get_username()}.")
