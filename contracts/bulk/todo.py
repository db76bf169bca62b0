"""What waits for a member: drafts, approvals, contracts that end within a day, and decisions not yet seen."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Membership
from contracts.bulk.filters import DECIDED_WITHIN, decided_since, ending_soon, waiting_for_approval
from contracts.models import Contract

MAX_COUNTED = 100
"""Contracts up to which each kind is counted: the list opens with the strip, and shows the exact number later."""


class TodoCount(int):
    """A number of contracts; one more than MAX_COUNTED stands for all above."""

    @property
    def display(self) -> str:
        return f"{MAX_COUNTED}+" if self > MAX_COUNTED else f"{self}"


@dataclass(frozen=True, slots=True)
class TodoCounts:
    drafts: TodoCount
    approvals: TodoCount
    """Drafts whose approval another member requested; 0 unless the member may approve (R44)."""
    ending: TodoCount
    decided: TodoCount
    """Contracts with a decision since the member last opened the decisions, at most DECIDED_WITHIN ago."""

    def __bool__(self) -> bool:
        return bool(self.drafts or self.approvals or self.ending or self.decided)


def count_todo(membership: Membership, now: datetime) -> TodoCounts:
    """Return what waits for the member, with one statement."""
    account = membership.account
    contracts = Contract.objects.of(account)
    drafts = contracts.live(now).filter(status=Contract.Status.DRAFT)
    approvals = waiting_for_approval(contracts, now) if membership.may_approve else contracts.none()
    to_approve = approvals.exclude(approvals__status="requested", approvals__requested_by=membership.user_id)
    since = max(now - DECIDED_WITHIN, membership.decisions_seen_at or now - DECIDED_WITHIN)
    kinds = [
        drafts.values("pk"),
        to_approve.values("pk"),
        ending_soon(contracts, now).values("pk"),
        decided_since(account, since),
    ]
    counted = [_count(ids) for ids in kinds]
    numbers = Membership.objects.filter(pk=membership.pk).values_list(*counted).get()
    return TodoCounts(*(TodoCount(number) for number in numbers))


def mark_decisions_seen(membership: Membership) -> None:
    Membership.objects.filter(pk=membership.pk).update(decisions_seen_at=timezone.now())


def _count(ids: "QuerySet[Any, Any]") -> Coalesce:
    """Return a subquery that counts the contracts with these ids, all of one account."""
    few = Contract.objects.filter(pk__in=ids.order_by()[: MAX_COUNTED + 1])
    return Coalesce(Subquery(few.order_by().values("account").annotate(n=Count("pk")).values("n")), 0)
