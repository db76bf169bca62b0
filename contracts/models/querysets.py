"""The questions that are asked of contracts."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Case, Exists, F, Min, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Greatest, Least

from accounts.models import Account
from common.normal_forms import normalise_identifier, normalise_line
from contracts.types import EXPIRING
from orders.models import PAYMENT_TERM, Order

MOST_UNSETTLED = 10_000
"""Contracts that have lapsed and that the clock has not come to yet, at most so many of each reason."""
MOST_NAMESAKES = 100
"""Orders whose numbers are the same but for case and dashes."""
MOST_UNDONE = 20_000
"""Orders that were refunded or cancelled once paid, the latest: contracts over others are not flagged any more."""

if TYPE_CHECKING:
    from contracts.models import Contract  # noqa: F401 - ruff does not see it in the base class


class ContractQuerySet(models.QuerySet["Contract"]):
    def of(self, account: Account) -> "ContractQuerySet":
        """The only contracts that members of `account` may know of (R26)."""
        return self.filter(account=account)

    def lapsed(self, now: datetime) -> "ContractQuerySet":
        """Live contracts of types that expire, past `expires_at` or with an order that has ended (R20, R21)."""
        return self.annotate(order_ended_at=_order_ended_at(now)).filter(_LAPSED_BY_ORDER | _past(now))

    def expired(self, now: datetime) -> "ContractQuerySet":
        """Live contracts past `expires_at`, which the clock has yet to end."""
        return self.filter(_past(now))

    def due(self, now: datetime, *, most: int, account: Account | None = None) -> list[int]:
        """Ids of lapsed contracts, of `account` or of all, `most` of each of the two reasons, found by index."""
        among = self.of(account) if account else self
        holding = self.first_with_ended_order(now, most=most, account=account)
        return sorted({*among.first_expired(now, most=most), *holding})

    def first_expired(self, now: datetime, *, most: int) -> list[int]:
        """Ids of up to `most` that are past `expires_at`, those first that have been for longest."""
        return list(self.expired(now).order_by("expires_at").values_list("pk", flat=True)[:most])

    def first_with_ended_order(self, now: datetime, *, most: int, account: Account | None = None) -> list[int]:
        """Ids of up to `most` that hold an order that has ended, of `account` or of all.

        Looks at every order that was cancelled or refunded in the past days: do not call it more often than needed.
        """
        from contracts.models import ContractOrder  # noqa: PLC0415 - models import this file

        # An order that ended longer ago has taken its contract past `expires_at`, the earliest deadline; or it had its
        # time corrected since, and the clock ended the contract before it cancelled the order.
        ended = Order.objects.of(account).filter(
            Q(status=Order.Status.CANCELLED, cancelled_at__gt=now - PAYMENT_TERM)
            | Q(status=Order.Status.REFUNDED, refunded_at__gt=now - PAYMENT_TERM)
            | Q(status=Order.Status.UNPAID, payment_deadline__lte=now)
        )
        holding = ContractOrder.objects.filter(order__in=ended, released_at=None, contract__type__in=EXPIRING)
        return sorted(set(holding.order_by().values_list("contract", flat=True)[:most]))

    def with_status_at(self, now: datetime) -> "ContractQuerySet":
        """Adds `status_at`, and `invalid_since`: what everyone is shown, whatever the clock has done (R21)."""
        ended = Coalesce("order_ended_at", "expires_at")
        begun = Coalesce("official_at", "applied_at")  # nothing ends before it began, whatever was corrected since
        lapsed = _LAPSED_BY_ORDER | _past(now)
        return self.annotate(order_ended_at=_order_ended_at(now)).annotate(  # type: ignore[no-redef]
            status_at=Case(When(lapsed, then=Value("invalid")), default=F("status"), output_field=models.CharField()),
            invalid_since=Case(When(lapsed, then=Greatest(Least("expires_at", ended), begun)), default=F("invalid_at")),
        )

    def shown_as(self, status: str, now: datetime, *, account: Account | None = None) -> "ContractQuerySet":
        """Those that everyone is shown in this status, found by index: the clock leaves only a few to be looked at.

        `account` is the one that they are of already, where they are of one.
        """
        if status == "invalid":
            lapsed = self.model.objects.due(now, most=MOST_UNSETTLED, account=account)
            return self.filter(Q(status="invalid") | Q(pk__in=lapsed), type__in=EXPIRING)
        shown = self.filter(status=status)
        if status in ("draft", "official"):
            holding = self.model.objects.first_with_ended_order(now, most=MOST_UNSETTLED, account=account)
            shown = shown.exclude(_past(now)).exclude(pk__in=holding)
        return shown

    def flagged(self) -> "ContractQuerySet":
        """Official contracts that outlived an order refunded or cancelled since: staff look at them (R24).

        Found from the orders, of which few are undone once paid; the limit lets PostgreSQL know of that.
        """
        from contracts.models import ContractOrder  # noqa: PLC0415 - models import this file

        undone = Order.objects.filter(status__in=Order.ENDED, paid_at__isnull=False).order_by("-pk")
        holding = ContractOrder.objects.filter(order__in=undone.values("pk")[:MOST_UNDONE], released_at=None)
        return self.filter(~Q(type__in=EXPIRING), status="official", pk__in=holding.values("contract"))

    def ending(self, now: datetime, until: datetime) -> "ContractQuerySet":
        """Live contracts that expire after `now`, and not after `until`."""
        return self.filter(_CAN_EXPIRE, expires_at__gt=now, expires_at__lte=until)

    def search(self, text: str) -> "ContractQuerySet":
        """Contracts whose number or remarks hold `text`, or that hold the order with that number (R17)."""
        text, number = normalise_line(text), normalise_identifier(text)
        wanted = Q(remarks__icontains=text)
        if number:
            wanted |= Q(number__contains=number) | self._holding(number)
        return self.filter(wanted) if text else self

    def with_order(self, number: str) -> "ContractQuerySet":
        """Contracts that hold the order with this number, however it is typed."""
        return self.filter(self._holding(number))

    def _holding(self, number: str) -> Q:
        """By the ids of the orders, which an index finds first: one, or a few that differ in case or dashes."""
        from contracts.models import ContractOrder  # noqa: PLC0415 - models import this file

        orders = list(Order.objects.numbered(number).values_list("pk", flat=True)[:MOST_NAMESAKES])
        return Q(pk__in=ContractOrder.objects.filter(order__in=orders).order_by().values("contract"))

    def with_facts_at(self, now: datetime) -> "ContractQuerySet":
        """Adds what is shown of a contract besides its fields: `status_at`, `invalid_since`, `ticket_open`."""
        facts = self.with_status_at(now).annotate(ticket_open=Exists(_open_tickets()))  # type: ignore[no-redef]
        return facts.prefetch_related("documents")


_CAN_EXPIRE = Q(type__in=EXPIRING, status__in=("draft", "official"))
_LAPSED_BY_ORDER = _CAN_EXPIRE & Q(order_ended_at__isnull=False)


def _past(now: datetime) -> Q:
    return _CAN_EXPIRE & Q(expires_at__lte=now)


def _order_ended_at(now: datetime) -> Case:
    """When the first order of a contract that can expire was cancelled, refunded or due unpaid (R10, R20), else null.

    A scalar subquery, so that PostgreSQL asks it of each row that it shows and not of the whole table.
    """
    from contracts.models import ContractOrder  # noqa: PLC0415 - models import this file

    ended = Q(order__status__in=Order.ENDED) | Q(order__status=Order.Status.UNPAID, order__payment_deadline__lte=now)
    lines = ContractOrder.objects.filter(ended, contract=OuterRef("pk")).order_by().values("contract")
    ended_at = Coalesce("order__cancelled_at", "order__refunded_at", "order__payment_deadline")
    first = lines.annotate(at=Min(ended_at)).values("at")
    return Case(When(_CAN_EXPIRE, then=Subquery(first)), output_field=models.DateTimeField(null=True))


def _open_tickets() -> models.QuerySet:
    from contracts.models import VoidTicket  # noqa: PLC0415 - models import this file

    return VoidTicket.objects.filter(contract=OuterRef("pk"), status=VoidTicket.Status.OPEN)
