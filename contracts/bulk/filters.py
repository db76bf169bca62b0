"""Which contracts of an account a list, an export or a download takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import F
from django.db.models.expressions import OrderBy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account, select_test
from common.days import Interval
from common.errors import Fault, Refused
from common.normal_forms import normalise_code, normalise_line
from contracts.models import Approval, Contract, VoidTicket
from contracts.models.querysets import ContractQuerySet

SORTS: dict[str, tuple[OrderBy | str, ...]] = {
    "-applied_at": ("-applied_at", "-pk"),
    "applied_at": ("applied_at", "pk"),
    "-total_amount": ("-total_amount", "-pk"),
    "total_amount": ("total_amount", "-pk"),
    "valid_until": (F("valid_until").asc(nulls_last=True), "-pk"),
    "-valid_until": (F("valid_until").desc(nulls_last=True), "-pk"),
}
NEWEST_FIRST = "-applied_at"
MAX_NUMBERS = 200
"""Maximum contracts that are named by their numbers."""
ENDING_WITHIN = timedelta(days=1)
DECIDED_WITHIN = timedelta(days=30)


class Todo(models.TextChoices):
    """Contracts that need a member's attention, besides drafts, which are a status."""

    ENDING = "ending", gettext_lazy("Ends within a day")
    DECIDED = "decided", gettext_lazy("Void request decided")
    APPROVAL = "approval", gettext_lazy("Waiting for approval")


@dataclass(frozen=True, slots=True)
class ContractFilter:
    """Conditions, all of which hold; an empty one is none. Days are those of the account's time zone."""

    since: date | None = None
    until: date | None = None
    type: str = ""
    statuses: tuple[str, ...] = ()
    account: str = ""
    """Number of the account, for those who see several."""
    order: str = ""
    product: str = ""
    po_number: str = ""
    q: str = ""
    todo: str = ""
    numbers: tuple[str, ...] = ()
    test: str = ""
    """One of TestAccounts, for those who see several accounts and name none; by default theirs are left out (R48)."""
    sort: str = ""
    """One of SORTS; by default the newest first."""

    def find(self, account: Account | None, now: datetime) -> ContractQuerySet:
        """Return the contracts of the account, or of all for None (R26), sorted, with their facts (`with_facts_at`)."""
        zone = account.tzinfo if account else ZoneInfo(settings.TIME_ZONE)
        contracts = Contract.objects.of(account).with_facts_at(now)
        contracts = contracts.filter(Interval(self.since, self.until).on("applied_at", zone))
        if self.account:
            contracts = contracts.filter(account__number=normalise_code(self.account))
        elif account is None:
            contracts = contracts.filter(select_test(self.test, "is_test"))
        if self.type:
            contracts = contracts.filter(type=self.type)
        if self.statuses:
            contracts = contracts.shown_as_any(self.statuses, now, account=account)
        if self.order:
            contracts = contracts.with_order(self.order)
        if self.product:
            contracts = contracts.with_product(self.product)
        if self.po_number:
            contracts = contracts.filter(po_number__iexact=normalise_line(self.po_number))
        if self.numbers:
            contracts = contracts.filter(number__in=self.numbers)
        found = contracts.search(self.q) if self.q else contracts
        return self._with_todo(found, account, now).order_by(*SORTS[self.sort or NEWEST_FIRST])

    def _with_todo(self, contracts: ContractQuerySet, account: Account | None, now: datetime) -> ContractQuerySet:
        if self.todo == Todo.ENDING:
            return ending_soon(contracts, now)
        if self.todo == Todo.DECIDED:
            return contracts.filter(pk__in=decided_since(account, now - DECIDED_WITHIN))
        return waiting_for_approval(contracts, now) if self.todo == Todo.APPROVAL else contracts


def ending_soon(contracts: ContractQuerySet, now: datetime) -> ContractQuerySet:
    """Return live contracts that expire within a day. Those with an order that ended are not live (R21)."""
    return contracts.ending(now, now + ENDING_WITHIN).live(now)


def waiting_for_approval(contracts: ContractQuerySet, now: datetime) -> ContractQuerySet:
    """Return live drafts with an open request for approval (R44)."""
    return contracts.live(now).filter(pk__in=Approval.objects.filter(status="requested").values("contract"))


def decided_since(account: Account | None, since: datetime) -> "models.QuerySet[VoidTicket, Any]":
    """Return the ids of contracts whose void requests staff have decided after `since`, as a subquery."""
    decided = VoidTicket.objects.filter(decided_at__gt=since, decided_by__isnull=False)
    if account:
        decided = decided.filter(contract__account=account)
    return decided.order_by().values("contract")


def require_contracts(account: Account, numbers: Sequence[str], *, pointer: str = "/numbers") -> tuple[str, ...]:
    """Return the numbers without repeats. Raises Refused `invalid` for each that is not one of the account's contracts.

    `pointer`: of the list in the request. Raises Refused `invalid` for more than MAX_NUMBERS too.
    """
    if len(numbers) > MAX_NUMBERS:
        detail = _("At most %(most)d contracts at once; these are %(count)d.")
        raise Refused("invalid", detail % {"most": MAX_NUMBERS, "count": len(numbers)}, pointer=pointer)
    known = set(Contract.objects.of(account).filter(number__in=numbers).values_list("number", flat=True))
    faults = [
        Fault("invalid", _("The account has no contract %(number)s.") % {"number": number[:40]}, f"{pointer}/{i}")
        for i, number in enumerate(numbers)
        if number not in known
    ]
    if faults:
        raise Refused.because(faults)
    return tuple(dict.fromkeys(numbers))
