"""What we write to customers by email: a row for each person, in the transaction of what it tells of."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access.actors import Actor
from common.errors import Refused
from accounts.models import Account, Membership
from emails.models import Notice
from jobs.queueing import enqueue
from common.transactions import in_transaction


def notify(account: Account, kind: Notice.Kind, facts: dict[str, str], *, at: datetime) -> None:
    """Write an email notice to every member of `account` who may act and has an address, in the caller's transaction.

    `facts` are what the words of `kind` need (emails/letters.py); `at` is aware. A task sends them after commit.
    """
    if notify_each(kind, [(account.pk, facts)], at=at):
        _send_after_commit()


def notify_each(kind: Notice.Kind, news: Sequence[tuple[int, dict[str, str]]], *, at: datetime) -> int:
    """As `notify`, for many at once: `news` are an account's id and the facts, of which an account may have several.

    Returns how many it wrote. The clock's own task sends them, within a minute: a message to the broker for each batch
    of a long sweep would keep the workers with emails for hours, and the clock waiting.
    """
    acting: dict[int, list[int]] = {}
    members = Membership.objects.acting().exclude(user__email="")
    accounts = {account for account, _facts in news}
    found = members.filter(account__in=accounts, user__is_active=True)
    for account, user in found.values_list("account", "user"):
        acting.setdefault(account, []).append(user)
    written = Notice.objects.bulk_create(
        Notice(account_id=account, user_id=user, kind=kind, facts=facts, due_at=at, created_at=at)
        for account, facts in news
        for user in acting.get(account, [])
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
    _send_after_commit()
    return notice


def not_given_up() -> str:
    """The sentence that refuses to send again what waits or was sent."""
    return _("Only an email that was given up can be sent again.")


def _send_after_commit() -> None:
    """A broker that is down is logged and no error: the clock finds the rows."""
    transaction.on_commit(enqueue, robust=True)
