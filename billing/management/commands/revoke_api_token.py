"""manage.py revoke_api_token: end an API token at once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing.models import ApiToken

SHORTEST = 8
"""As many characters of a token as pages show."""


class Command(BaseCommand):
    help = "Revoke an API token, named by how it begins. Programs that use it are refused at once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("beginning", help=f"its first {SHORTEST} characters or more; the whole token will do")

    def handle(self, *args: Any, beginning: str, **options: Any) -> None:
        if len(beginning) < SHORTEST:
            raise CommandError(f"Give at least the first {SHORTEST} characters.")
        tokens = list(ApiToken.objects.filter(token_key__startswith=beginning[:15]).select_related("user"))
        if len(tokens) != 1:
            raise CommandError(f"{len(tokens)} tokens begin so. Give more of it." if tokens else "No token begins so.")
        [token] = tokens
        token.delete()
        self.stdout.write(f"Revoked: {token.name or token.token_key[:SHORTEST]} of {token.user.get_username()}.")
