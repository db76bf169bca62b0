"""Create emails to the acting members of an account, in the transaction of the change they report."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access.actors import Actor
from accounts.models import Account, Membership
from common.errors import Refused
from common.transactions import in_transaction
from emails.kinds import EmailKind
from emails.models import Notice
from emails.writing import send_emails_after_commit


def notify(account: Account, kind: EmailKind, facts: dict[str, str], *, at: datetime) -> None:
    """Create an email to each acting member of `account` with an address, in the caller's transaction.

    `facts`: values for the text of `kind`. `at` is aware. A task sends the emails after commit.
    """
    if notify_each(kind, [(account.pk, facts)], at=at):
        send_emails_after_commit()


def notify_members(
    account: Account, members: Iterable[Membership], kind: EmailKind, facts: dict[str, str], *, at: datetime
) -> None:
    """Like `notify`, to these members of the account only. Those without an address, or inactive, get none."""
    receiving = account.memberships.filter(pk__in=[member.pk for member in members], user__is_active=True)
    if _write(kind, [(account.pk, facts)], receiving, at=at):
        send_emails_after_commit()


def notify_memberships(
    members: Collection[Membership], kind: EmailKind, facts: dict[str, str], *, at: datetime
) -> None:
    """Like `notify_members`, to members of many accounts."""
    receiving = Membership.objects.filter(pk__in=[member.pk for member in members], user__is_active=True)
    accounts = {member.account_id for member in members}
    if _write(kind, [(account, facts) for account in accounts], receiving, at=at):
        send_emails_after_commit()


def notify_address(account: Account, address: str, kind: EmailKind, facts: dict[str, str], *, at: datetime) -> None:
    """Create an email about the account to an address, whose person may have no user, in the caller's transaction."""
    Notice.objects.create(
        address=address,
        kind=kind.name,
        reference=account.number,
        time_zone=account.time_zone,
        facts={**facts, "account": account.number},
        due_at=at,
        created_at=at,
    )
    send_emails_after_commit()


def notify_each(kind: EmailKind, reports: Sequence[tuple[int, dict[str, str]]], *, at: datetime) -> int:
    """Create emails of one kind for many accounts and return their number. `reports`: (account id, facts) pairs.

    The scheduler sends them within a minute: one task per batch of a long sweep would occupy the workers.
    """
    accounts = {account for account, _facts in reports}
    acting = Membership.objects.acting().filter(account__in=accounts, user__is_active=True)
    return _write(kind, reports, acting, at=at)


def _write(
    kind: EmailKind, reports: Sequence[tuple[int, dict[str, str]]], members: QuerySet[Membership], *, at: datetime
) -> int:
    receiving: dict[int, list[Membership]] = {}
    for member in members.exclude(user__email="").select_related("account"):
        receiving.setdefault(member.account_id, []).append(member)
    written = Notice.objects.bulk_create(
        Notice(
            user_id=member.user_id,
            kind=kind.name,
            reference=member.account.number,
            time_zone=member.account.time_zone,
            facts={**facts, "account": member.account.number},
            due_at=at,
            created_at=at,
        )
        for account, facts in reports
        for member in receiving.get(account, [])
    )
    return len(written)


@in_transaction
def resend_email(*, notice: Notice, by: Actor) -> Notice:
    """Resend a failed email with new retries, and return it fresh.

    Raises Refused: `permission_denied`, `transition_not_allowed` for an email that is pending or sent.
    """
    by.require_to_act()
    notice = Notice.objects.select_for_update().get(pk=notice.pk)
    if notice.state != Notice.State.FAILED:
        raise Refused("transition_not_allowed", not_failed_message())
    notice.state, notice.attempts, notice.due_at = Notice.State.PENDING, 0, timezone.now()
    notice.save(update_fields=["state", "attempts", "due_at"])
    send_emails_after_commit()
    return notice


def not_failed_message() -> str:
    return _("Only a failed email can be resent.")
