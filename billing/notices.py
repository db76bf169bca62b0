"""What we write to customers by email: a row for each person, in the transaction of what it tells of."""

from datetime import datetime

from billing.models import Account, Membership, Notice


def notify(account: Account, kind: Notice.Kind, facts: dict[str, str], *, at: datetime) -> None:
    """Write an email notice to every member of `account` who may act and has an address, in the caller's transaction.

    `facts` are what the template of `kind` fills in; `at` is aware.
    """
    members = account.memberships.exclude(role=Membership.Role.VIEWER).exclude(user__email="")
    Notice.objects.bulk_create(
        Notice(user_id=user, kind=kind, facts=facts, due_at=at, created_at=at)
        for user in members.filter(user__is_active=True).values_list("user", flat=True)
    )
