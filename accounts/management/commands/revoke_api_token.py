"""manage.py revoke_api_token: end an API token at once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.access.tokens import SHOWN_CHARS, delete_token
from accounts.models import ApiToken


class Command(BaseCommand):
    help = "Revoke an API token, named by how it begins. Programs that use it are refused at once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("beginning", help=f"its first {SHOWN_CHARS} characters or more; the whole token will do")

    @transaction.atomic
    def handle(self, *args: Any, beginning: str, **options: Any) -> None:
        if len(beginning) < SHOWN_CHARS:
            raise CommandError(f"Give at least the first {SHOWN_CHARS} characters.")
        found = ApiToken.objects.filter(token_key__startswith=beginning[:15])
        tokens = list(found.select_related("user", "membership__account"))
        if len(tokens) != 1:
            raise CommandError(f"{len(tokens)} tokens begin so. Give more of it." if tokens else "No token begins so.")
        [token] = tokens
        delete_token(token, by_id=None)
        self.stdout.write(f"Revoked: {token.name or token.token_key[:SHOWN_CHARS]} of {token.user.get_username()}.")
