"""Filters of back office lists by current status, expiry included (R21)."""

from typing import Any

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.admin.of_test_accounts import OfTestAccounts
from common.days import end_of_day
from contracts.models import Contract, VoidTicket


class StatusNow(SimpleListFilter):
    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[Any, Any]]:
        return list(Contract.Status.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet | None:
        status = self.value()
        return queryset.shown_as(status, timezone.now()) if status in Contract.Status.values else None  # type: ignore[attr-defined]


class TestContracts(OfTestAccounts):
    field = "is_test"


class Attention(SimpleListFilter):
    """Contracts that need attention: flagged ones (R24), and payment requests that expire today."""

    title = _("attention")
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[Any, Any]]:
        return [("flagged", _("Refunded or cancelled orders")), ("ending", _("Payment requests expiring today"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet | None:
        contracts: Any = queryset
        if self.value() == "flagged":
            return contracts.flagged()
        if self.value() == "ending":
            now = timezone.now()
            return contracts.ending(now, end_of_day(now))
        return None


class TicketStatus(SimpleListFilter):
    """Filter by ticket status. Open tickets are the default."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[Any, Any]]:
        return [
            ("approved", VoidTicket.Status.APPROVED.label),
            ("rejected", VoidTicket.Status.REJECTED.label),
            ("lapsed", VoidTicket.Status.LAPSED.label),
            ("all", _("All")),
        ]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        return [{**first, "display": _("Waiting")}, *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet | None:
        tickets: Any = queryset
        status = self.value() or VoidTicket.Status.OPEN
        return tickets.shown_as(status, timezone.now()) if status in VoidTicket.Status.values else None
