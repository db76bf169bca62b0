"""Write emails to the members who act for an account, in the transaction of the change they report."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access.actors import Actor
from accounts.models import Account, Membership
from common.errors import Refused
from common.transactions import in_transaction
from emails.kinds import EmailKind
from emails.models import Notice
from emails.writing import send_after_commit


def notify(account: Account, kind: EmailKind, facts: dict[str, str], *, at: datetime) -> None:
    """Write an email to every member of `account` who may act and has an address, in the caller's transaction.

    `facts` are what the words of `kind` need; `at` is aware. A task sends the emails after commit.
    """
    if notify_each(kind, [(account.pk, facts)], at=at):
        send_after_commit()


def notify_each(kind: EmailKind, reports: Sequence[tuple[int, dict[str, str]]], *, at: datetime) -> int:
    """Write emails of one kind for many accounts: `reports` are an account's id and the facts, several an account.

    Returns how many it wrote. The scheduler's own task sends them, within a minute: a message to the broker for each
    batch of a long sweep would keep the workers busy with emails for hours, and the scheduled work waiting.
    """
    acting: dict[int, list[Membership]] = {}
    accounts = {account for account, _facts in reports}
    members = Membership.objects.acting().exclude(user__email="").filter(account__in=accounts, user__is_active=True)
    for member in members.select_related("account"):
        acting.setdefault(member.account_id, []).append(member)
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
        for member in acting.get(account, [])
    )
    return len(written)


@in_transaction
def send_again(*, notice: Notice, by: Actor) -> Notice:
    """Try a notice that was given up from the beginning, once staff mended what stood in its way; returns it read anew.

    Raises Refused: `permission_denied`, `transition_not_allowed` for one that waits or was sent.
    """
    by.require_to_act()
    notice = Notice.objects.select_for_update().get(pk=notice.pk)
    if notice.state != Notice.State.FAILED:
        raise Refused("transition_not_allowed", not_given_up())
    notice.state, notice.attempts, notice.due_at = Notice.State.PENDING, 0, timezone.now()
    notice.save(update_fields=["state", "attempts", "due_at"])
    send_after_commit()
    return notice


def not_given_up() -> str:
    """The sentence that refuses to send again what waits or was sent."""
    return _("Only an email that was given up can be sent again.")
