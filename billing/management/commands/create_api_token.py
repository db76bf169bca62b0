"""manage.py create_api_token: a token for the API, printed this once."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing.access import may_integrate
from billing.models import ApiToken, Membership


class Command(BaseCommand):
    help = (
        "Make an API token and print it, alone. It acts for one member of one account, or for an integrator, "
        "who has none (R26). It is kept only as a hash and cannot be shown again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--account", metavar="NUMBER", help="needed for a member of several accounts")

    def handle(self, *args: Any, username: str, account: str | None, **options: Any) -> None:
        users = get_user_model()
        try:
            user = users.objects.get_by_natural_key(username)
        except users.DoesNotExist:
            raise CommandError(f"There is no user {username}.") from None
        if not user.is_active:
            raise CommandError(f"{username} is not active, so a token would not work.")
        memberships = list(Membership.objects.filter(user=user).select_related("account"))
        if not memberships and account is None and may_integrate(user):
            _, token = ApiToken.objects.create(user=user)
        else:
            _, token = ApiToken.for_member(_chosen(memberships, username, account))
        self.stdout.write(token)


def _chosen(memberships: list[Membership], username: str, account: str | None) -> Membership:
    """The membership to act for. Raises CommandError where it is none or not clear which."""
    numbers = ", ".join(membership.account.number for membership in memberships)
    if not memberships:
        raise CommandError(f"{username} is a member of no account and may not integrate.")
    if account is None and len(memberships) > 1:
        raise CommandError(f"{username} is a member of several accounts. Choose one with --account: {numbers}.")
    for membership in memberships:
        if account in (None, membership.account.number):
            return membership
    raise CommandError(f"{username} is not a member of account {account}, but of {numbers}.")
