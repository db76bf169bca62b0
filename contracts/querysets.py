"""The questions that are asked of contracts."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Case, Exists, F, Min, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Least

from billing.models import Account
from orders.models import Order

if TYPE_CHECKING:
    from contracts.models import Contract  # noqa: F401 - ruff does not see it in the base class


class ContractQuerySet(models.QuerySet["Contract"]):
    def of(self, account: Account) -> "ContractQuerySet":
        """The only contracts that members of `account` may know of (R26)."""
        return self.filter(account=account)

    def lapsed(self, now: datetime) -> "ContractQuerySet":
        """Live payment request contracts that are past `expires_at` or hold a cancelled order (R20, R21)."""
        return self.filter(_LIVE_REQUEST, _past(now) | Exists(_cancelled_orders()))

    def with_status_at(self, now: datetime) -> "ContractQuerySet":
        """Adds `status_at`, and `invalid_since`: what everyone is shown, whatever the clock has done (R21)."""
        lapsed = _LIVE_REQUEST & (_past(now) | Exists(_cancelled_orders()))
        cancelled_at = _cancelled_orders().values("contract").annotate(at=Min("order__cancelled_at")).values("at")
        return self.annotate(
            status_at=Case(When(lapsed, then=Value("invalid")), default=F("status"), output_field=models.CharField()),
            invalid_since=Case(
                When(lapsed, then=Least("expires_at", Coalesce(Subquery(cancelled_at), "expires_at"))),
                default=F("invalid_at"),
            ),
        )

    def search(self, text: str) -> "ContractQuerySet":
        """Contracts whose number holds `text`, or that hold an order of exactly that number (R17)."""
        from contracts.models import ContractOrder  # noqa: PLC0415 - models import this file

        text = text.strip()
        holding = ContractOrder.objects.filter(contract=OuterRef("pk"), order__number=text)
        return self.filter(Q(number__icontains=text) | Exists(holding))

    def with_facts_at(self, now: datetime) -> "ContractQuerySet":
        """Adds what is shown of a contract besides its fields: `status_at`, `invalid_since`, `ticket_open`."""
        facts = self.with_status_at(now).annotate(ticket_open=Exists(_open_tickets()))  # type: ignore[no-redef]
        return facts.prefetch_related("documents")


_LIVE_REQUEST = Q(type="payment_request", status__in=("draft", "official"))


def _past(now: datetime) -> Q:
    return Q(expires_at__lte=now)


def _cancelled_orders() -> models.QuerySet:
    from contracts.models import ContractOrder  # noqa: PLC0415 - models import this file

    return ContractOrder.objects.filter(contract=OuterRef("pk"), order__status=Order.Status.CANCELLED)


def _open_tickets() -> models.QuerySet:
    from contracts.models import VoidTicket  # noqa: PLC0415 - models import this file

    return VoidTicket.objects.filter(contract=OuterRef("pk"), status=VoidTicket.Status.OPEN)
