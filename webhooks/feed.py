"""Read events in order (docs/decisions/0040-readers-miss-no-change.md)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Max, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Account
from common.chunks import delete_in_chunks
from common.errors import Refused
from common.transactions import in_transaction
from webhooks.models import FeedEvent, FeedState

NUMBERED_AT_ONCE = 1000
MAX_BATCHES = 10
"""Batches that one reader numbers. The scheduler numbers events every minute, so there is seldom more than one."""


@dataclass(frozen=True, slots=True)
class FeedPage:
    events: list[FeedEvent]
    has_more: bool
    """True if a further read returns more events at once."""
    last_number: int
    """The number of the newest event that this reader may see."""


def read_feed(*, account: Account | None, types: Collection[str] | None, after: int | None, limit: int) -> FeedPage:
    """Return the events that follow the number `after`, oldest first: of `account`, or of all accounts for None.

    `types`: the event types to return; None for all. Without `after` the feed begins with the oldest event kept.
    Raises Refused: `events_expired` if events after `after` have been deleted, `invalid` for a number never given.
    """
    complete = number_events()
    state = FeedState.objects.filter(pk=1).first() or FeedState()
    if after is not None:
        _require_kept(after, state)
    events = FeedEvent.objects.filter(number__isnull=False)
    if account:
        events = events.filter(account=account)
    if types is not None:
        events = events.filter(type__in=types)
    found = list(events.filter(number__gt=after or 0).order_by("number")[: limit + 1])
    last = events.order_by("-number").values_list("number", flat=True).first() or state.deleted_number
    return FeedPage(found[:limit], len(found) > limit or not complete, last)


def _require_kept(after: int, state: FeedState) -> None:
    if after < state.deleted_number:
        raise Refused(
            "events_expired",
            _("Events after this one have been deleted. Read the lists anew, then the events from the beginning."),
            pointer="/after",
        )
    if after > state.last_number:
        raise Refused(
            "invalid",
            _("There is no such event. If the database was restored, read the lists anew, then all events."),
            pointer="/after",
        )


def number_events(*, batches: int = MAX_BATCHES) -> bool:
    """Number committed events. Return False if some are left after `batches`. Safe to run concurrently."""
    if not _waiting().exists():
        return True
    return any(_number_batch() < NUMBERED_AT_ONCE for _batch in range(batches))


@in_transaction
def _number_batch() -> int:
    """Number the first events without a number, and return how many.

    The lock on the state makes batches commit one after the other, so a reader that sees a number sees all before it.
    Events of one record keep their order: its lock makes the transactions that change it insert one after the other.
    """
    state, _created = FeedState.objects.select_for_update().get_or_create(pk=1)
    waiting = list(_waiting().order_by("pk").values_list("pk", flat=True)[:NUMBERED_AT_ONCE])
    if waiting:
        offset = state.last_number + 1 - waiting[0]
        FeedEvent.objects.filter(pk__in=waiting).update(number=F("pk") + offset)
        state.last_number = waiting[-1] + offset
        state.save(update_fields=["last_number"])
    return len(waiting)


def _waiting() -> "QuerySet[FeedEvent]":
    return FeedEvent.objects.filter(number=None)


def delete_events(*, before: datetime, batch: int) -> int:
    """Delete the events created before that time (aware) and return their number. Unread ones are numbered first."""
    while not number_events():
        pass
    old = FeedEvent.objects.filter(created_at__lt=before)
    last = old.aggregate(last=Max("number"))["last"]
    if last is None:
        return 0
    _record_deletion(last)
    return delete_in_chunks(old.filter(number__lte=last).order_by("created_at"), batch)


@in_transaction
def _record_deletion(last: int) -> None:
    state = FeedState.objects.select_for_update().get(pk=1)
    state.deleted_number = max(state.deleted_number, last)
    state.save(update_fields=["deleted_number"])
