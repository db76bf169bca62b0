"""manage.py set_account_provider: single sign-on for the members of an account (docs/sign-in.md)."""

import getpass
import re
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.access.security_log import record_security_event
from accounts.models import Account, AccountProvider, Membership, SecurityEvent
from accounts.sign_in.adapters import encrypt
from common.transactions import in_transaction


class Command(BaseCommand):
    help = "Set or remove an account's OpenID Connect provider. Reads the client's secret from standard input."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", help="account number")
        parser.add_argument("--remove", action="store_true")
        parser.add_argument("--issuer", help="https://…, exactly as in the ID tokens")
        parser.add_argument("--client-id")
        parser.add_argument("--domain", help="of the members' email addresses, which you know to be the customer's")
        parser.add_argument("--role", choices=Membership.Role.values, default=Membership.Role.VIEWER)

    @in_transaction
    def handle(self, *args: Any, number: str, remove: bool, **options: Any) -> None:
        account = Account.objects.filter(number=number).first()
        if account is None:
            raise CommandError(f"There is no account {number}.")
        AccountProvider.objects.filter(account=account).delete()
        if not remove:
            self._create(account, **options)
        done = "removed" if remove else f"set to {options['issuer']}"
        kind = SecurityEvent.Kind.PROVIDER_CHANGED
        record_security_event(kind=kind, user_id=None, detail=f"account {number}: {done}")
        self.stdout.write(f"The sign-in provider of account {number} was {done}.")

    def _create(self, account: Account, *, issuer: str, client_id: str, domain: str, role: str, **_more: Any) -> None:
        domain = (domain or "").lower()
        if (
            not re.fullmatch(r"https://[^\s?#]+", issuer or "")
            or not client_id
            or not re.fullmatch(r"[a-z0-9.-]+", domain)
        ):
            raise CommandError("Give --issuer https://…, --client-id and --domain such as customer.example.")
        if AccountProvider.objects.filter(domain=domain).exists():
            raise CommandError(f"{domain} belongs to the provider of another account.")
        secret = getpass.getpass("Client secret: ") if sys.stdin.isatty() else sys.stdin.readline().strip()
        AccountProvider.objects.create(
            account=account,
            issuer=issuer,
            client_id=client_id,
            client_secret=encrypt(secret),
            domain=domain,
            default_role=role,
        )
