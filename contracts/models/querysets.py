"""The queryset of contracts, with their current status (R20, R21) and their search."""

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Self, TypeVar

from django.db import models
from django.db.models import Case, Exists, ExpressionWrapper, F, Min, OuterRef, Prefetch, Q, Subquery, When
from django.db.models.functions import Coalesce

from accounts.models import Account
from common.normal_forms import normalise_line
from contracts.models.contract_order import ContractOrder
from contracts.models.search import search_condition
from contracts.types import EXPIRING
from orders.models import PAYMENT_TERM, Order, Product

MAX_UNSETTLED = 10_000
"""Maximum lapsed contracts, for each of the two reasons, that the scheduler has yet to end."""
MAX_SAME_NUMBER = 100
"""Maximum orders whose numbers differ only in case and dashes."""
MAX_UNDONE = 20_000
"""Maximum orders, the latest ones refunded or cancelled after payment, whose contracts are flagged."""

Row = TypeVar("Row", bound=models.Model)


class ContractQuerySet(models.QuerySet[Row]):
    def of(self, account: Account | None) -> Self:
        """Return the contracts visible to a caller: the account's, or all for None (integrators, R26)."""
        return self if account is None else self.filter(account=account)

    def lapsed(self, now: datetime) -> Self:
        """Return live contracts that can expire, past `expires_at` or with an order that has ended (R20, R21)."""
        return self.alias(ended_at=_order_ended_at(now)).filter(Q(ended_at__isnull=False) | _past(now))

    def expired(self, now: datetime) -> Self:
        """Return live contracts past `expires_at`, which the scheduler has yet to end."""
        return self.filter(_past(now))

    def due(self, now: datetime, *, limit: int, account: Account | None = None) -> list[int]:
        """Return ids of lapsed contracts, of `account` or of all, up to `limit` for each reason. Uses indexes."""
        among = self.of(account) if account else self
        holding = self.first_with_ended_order(now, limit=limit, account=account)
        return sorted({*among.first_expired(now, limit=limit), *holding})

    def first_expired(self, now: datetime, *, limit: int) -> list[int]:
        """Return up to `limit` ids of contracts past `expires_at`, the longest expired first."""
        return list(self.expired(now).order_by("expires_at").values_list("pk", flat=True)[:limit])

    def first_with_ended_order(self, now: datetime, *, limit: int, account: Account | None = None) -> list[int]:
        """Return up to `limit` ids of contracts, of `account` or of all, that hold an order that has ended.

        Reads every cancelled or refunded order with a recent deadline: do not call it more often than needed.
        """
        # An order with an earlier deadline needs no search: its contract is past `expires_at`, the earliest deadline.
        # If the deadline was corrected, the scheduler ended the contract before it cancelled the order.
        ended = Order.objects.of(account).filter(
            Q(status__in=Order.ENDED, payment_deadline__gt=now - PAYMENT_TERM)
            | Q(status=Order.Status.UNPAID, payment_deadline__lte=now)
        )
        holding = ContractOrder.objects.filter(order__in=ended, released_at=None, contract__type__in=EXPIRING)
        return sorted(set(holding.order_by().values_list("contract", flat=True)[:limit]))

    def live(self, now: datetime) -> Self:
        """Return drafts and official contracts that have not lapsed (R21)."""
        live = self.alias(ended_at=_order_ended_at(now)).filter(status__in=("draft", "official"))
        return live.filter(ended_at=None).exclude(_past(now))

    def with_status_at(self, now: datetime) -> Self:
        """Annotate what `Contract.status_at` and `Contract.invalid_since` are derived from (R21)."""
        past = ExpressionWrapper(_past(now), output_field=models.BooleanField())
        return self.annotate(order_ended_at=_order_ended_at(now), is_past=past)

    def shown_as(self, status: str, now: datetime, *, account: Account | None = None) -> Self:
        """Return the contracts whose current status is `status`: see `shown_as_any`."""
        return self.shown_as_any([status], now, account=account)

    def shown_as_any(self, statuses: Collection[str], now: datetime, *, account: Account | None = None) -> Self:
        """Return the contracts with one of these current statuses. Uses indexes: few lapsed ones are not yet ended.

        `account`: the account that the queryset is limited to, if any.
        """
        return self.filter(reduce(or_, [self._is_shown_as(status, now, account) for status in statuses]))

    def _is_shown_as(self, status: str, now: datetime, account: Account | None) -> Q:
        if status == "invalid":
            lapsed = ContractQuerySet(self.model).due(now, limit=MAX_UNSETTLED, account=account)
            return Q(Q(status="invalid") | Q(pk__in=lapsed), type__in=EXPIRING)
        if status in ("draft", "official"):
            holding = ContractQuerySet(self.model).first_with_ended_order(now, limit=MAX_UNSETTLED, account=account)
            return Q(status=status) & ~_past(now) & ~Q(pk__in=holding)
        return Q(status=status)

    def flagged(self) -> Self:
        """Return official contracts with an order that was refunded or cancelled since, for staff to check (R24).

        Starts from the orders, of which few are undone after payment; the limit tells PostgreSQL so.
        """
        undone = Order.objects.filter(status__in=Order.ENDED, paid_at__isnull=False).order_by("-pk")
        holding = ContractOrder.objects.filter(order__in=undone.values("pk")[:MAX_UNDONE], released_at=None)
        return self.filter(~Q(type__in=EXPIRING), status="official", pk__in=holding.values("contract"))

    def ending(self, now: datetime, until: datetime) -> Self:
        """Return live contracts that expire after `now` and not after `until`."""
        return self.filter(_CAN_EXPIRE, expires_at__gt=now, expires_at__lte=until)

    def search(self, text: str) -> Self:
        """Return contracts with `text` in a number, PO number, remarks, product or Party A's name (R17).

        Parts of words are found, ignoring case, width and dashes; texts of one or two Latin letters or digits only at
        the beginning of words.
        """
        found = search_condition(text, "search_entry__")
        if found is None:
            return self.none() if normalise_line(text) else self
        return self.filter(found, search_entry__account=F("account"))  # so that PostgreSQL can use the account's index

    def with_order(self, number: str) -> Self:
        """Return contracts with the order of this number, ignoring case and dashes."""
        return self.filter(self._holding(number))

    def with_product(self, text: str) -> Self:
        """Return contracts with an order of the product with this code or with `text` in its name."""
        lines = ContractOrder.objects.filter(order__product__in=Product.objects.named(text).order_by())
        return self.filter(pk__in=lines.order_by().values("contract"))

    def _holding(self, number: str) -> Q:
        """Return the condition that a contract has such an order. The orders are read first, by index."""
        orders = list(Order.objects.numbered(number).values_list("pk", flat=True)[:MAX_SAME_NUMBER])
        return Q(pk__in=ContractOrder.objects.filter(order__in=orders).order_by().values("contract"))

    def with_facts_at(self, now: datetime) -> Self:
        """Annotate the current status, `ticket_open` and `approval_requested_by`; and load the documents."""
        with_open_ticket = self.model._default_manager.filter(pk=OuterRef("pk"), void_tickets__status="open")
        requested = self.model._default_manager.filter(pk=OuterRef("pk"), approvals__status="requested")
        facts = self.with_status_at(now).annotate(
            ticket_open=Exists(with_open_ticket),
            approval_requested_by=Subquery(requested.values("approvals__requested_by")),
        )
        return facts.prefetch_related(Prefetch("documents", to_attr="loaded_documents"))


def find_invoice_numbers(contracts: Iterable[models.Model]) -> dict[int, list[str]]:
    """Return contract id → numbers of the invoices for its orders, as the order system has stated them since.

    They are shown beside the contract and are no part of it.
    """
    invoiced = ContractOrder.objects.filter(contract__in=[contract.pk for contract in contracts])
    invoiced = invoiced.exclude(order__invoice_numbers=[]).order_by("pk")
    numbers: dict[int, list[str]] = {}
    for contract, stated in invoiced.values_list("contract", "order__invoice_numbers"):
        known = numbers.setdefault(contract, [])
        known += [number for number in stated if number not in known]
    return numbers


def po_number_is(text: str) -> Q:
    """Return the condition that the PO number is `text`, ignoring case and spaces. Uses an index (R34)."""
    po_number = normalise_line(text)
    return ~Q(po_number="") & Q(po_number__iexact=po_number) if po_number else Q(pk__in=[])


_CAN_EXPIRE = Q(type__in=EXPIRING, status__in=("draft", "official"))


def _past(now: datetime) -> Q:
    return _CAN_EXPIRE & Q(expires_at__lte=now)


def _order_ended_at(now: datetime) -> Case:
    """Return when the first order of a contract that can expire ended: cancelled, refunded or unpaid at its deadline.

    Null if none has (R10, R20). A scalar subquery, so that PostgreSQL evaluates it only for the rows that it returns.
    """
    ended = Q(order__status__in=Order.ENDED) | Q(order__status=Order.Status.UNPAID, order__payment_deadline__lte=now)
    lines = ContractOrder.objects.filter(ended, contract=OuterRef("pk")).order_by().values("contract")
    ended_at = Coalesce("order__cancelled_at", "order__refunded_at", "order__payment_deadline")
    first = lines.annotate(at=Min(ended_at)).values("at")
    return Case(When(_CAN_EXPIRE, then=Subquery(first)), output_field=models.DateTimeField(null=True))
