"""manage.py create_api_token: create an API token and print it once."""

from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.access.actors import get_integrator_scopes
from accounts.access.tokens import record_token_event
from accounts.models import ApiToken, Membership, SecurityEvent
from common.normal_forms import normalise_code


class Command(BaseCommand):
    help = (
        "Create an API token and print it, and nothing else. It acts for one member of one account, or for an "
        "integrator, who has no account (R26). Only its hash is stored, so it cannot be shown again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--account", metavar="NUMBER", help="required for a member of several accounts")
        parser.add_argument("--name", default="", help="name of the program that will use it")
        parser.add_argument("--read-only", action="store_true", help="create a read-only token for a member")
        parser.add_argument(
            "--scope",
            action="append",
            metavar="NAME",
            help="scope of an integrator's token, such as orders or accounts; repeat it for several; default: all",
        )
        parser.add_argument("--days", type=int, help="days until it expires; by default it never expires")

    @transaction.atomic
    def handle(
        self,
        *args: Any,
        username: str,
        account: str | None,
        name: str,
        read_only: bool,
        scope: list[str] | None,
        days: int | None,
        **options: Any,
    ) -> None:
        users = get_user_model()
        try:
            user = users.objects.get_by_natural_key(username)
        except users.DoesNotExist:
            raise CommandError(f"There is no user {username}.") from None
        if not user.is_active:
            raise CommandError(f"{username} is not active, so the token would not work.")
        memberships = list(Membership.objects.filter(user=user).select_related("account"))
        if days is not None and days < 1:
            raise CommandError("--days must be 1 or more.")
        facts: dict[str, Any] = {"name": name[:60], "expires_in": timedelta(days=days) if days else None}
        if not memberships and account is None and (allowed := get_integrator_scopes(user)):
            if read_only:
                raise CommandError(f"{username} is an integrator, who writes. --read-only is only for members.")
            token, secret = ApiToken.for_integrator(user, scopes=_choose_scopes(scope, allowed, username), **facts)
        else:
            if scope:
                raise CommandError(f"{username} is not an integrator. --scope is only for integrators.")
            membership = _choose_membership(memberships, username, account)
            reach = ApiToken.Scope.READ if read_only else ApiToken.Scope.APPLY
            token, secret = ApiToken.for_member(membership, scope=reach, **facts)
        record_token_event(SecurityEvent.Kind.TOKEN_CREATED, token, by_id=None)
        self.stdout.write(secret)


def _choose_scopes(chosen: list[str] | None, allowed: list[str], username: str) -> list[str]:
    """Return the chosen scopes, or all that are allowed. Raises CommandError for others."""
    for scope in chosen or []:
        if scope not in allowed:
            raise CommandError(f"{username} cannot have the scope {scope}, but {', '.join(allowed)}.")
    return chosen or allowed


def _choose_membership(memberships: list[Membership], username: str, account: str | None) -> Membership:
    """Return the membership that the token acts for. Raises CommandError if there is none or it is ambiguous."""
    numbers = ", ".join(membership.account.number for membership in memberships)
    if not memberships:
        raise CommandError(f"{username} is not a member of any account and not an integrator.")
    if account is None and len(memberships) > 1:
        raise CommandError(f"{username} is a member of several accounts. Choose one with --account: {numbers}.")
    number = account and normalise_code(account)
    for membership in memberships:
        if number in (None, membership.account.number):
            return membership
    raise CommandError(f"{username} is not a member of account {account}, but of {numbers}.")
