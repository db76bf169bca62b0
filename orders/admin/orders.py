"""Orders in the back office, read-only."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import (
    MAX_COUNTED_ROWS,
    ReadOnlyAdmin,
    account_link,
    badge,
    find_account_ids,
    get_ids,
    with_test_mark,
)
from accounts.admin.day_range import day_range
from accounts.admin.of_test_accounts import OfTestAccounts
from common.money import format_amount, plain_percent
from exports.lists import ExportedList
from orders.exporting import OFFICE_ORDERS
from orders.facts import FACTS, Type
from orders.models import Order

OPTIONAL_TEXTS = tuple(fact.name for fact in FACTS if fact.optional and fact.type is Type.TEXT)


class StatusNow(admin.SimpleListFilter):
    """Filter by the current status, even if the scheduler has not cancelled overdue orders yet (R10)."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        return list(Order.Status.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet | None:
        now, value, status = timezone.now(), self.value(), Order.Status
        if value not in status.values:
            return None
        condition = Q(status=value)
        if value == status.UNPAID:
            condition &= Q(payment_deadline__gt=now)
        elif value == status.CANCELLED:
            lapsed = Order.objects.past_deadline(now).values_list("pk", flat=True)[:MAX_COUNTED_ROWS]
            condition |= Q(pk__in=list(lapsed))  # few, because the scheduler cancels them soon
        return queryset.filter(condition)


@admin.register(Order)
class OrderAdmin(ExportedList, ReadOnlyAdmin):
    exporter = OFFICE_ORDERS
    list_display = ["number", "account_number", "product", "status_now", "amount", "ordered_at"]
    list_select_related = ["account", "product"]
    list_filter = [StatusNow, OfTestAccounts, day_range("ordered_at", _("order time"))]
    sortable_by = ["ordered_at"]
    search_fields = ["number"]
    search_help_text = _("Complete order or account number, or part of a current or former name of the account")
    fieldsets = [
        (
            None,
            {
                "fields": [
                    *("number", "customer", "product", "kind", "configuration", "region", "quantity", *OPTIONAL_TEXTS),
                    *("invoices", "pairs"),
                ]
            },
        ),
        (_("Amounts"), {"fields": ["listed", "amount", "tax", "status_now"]}),
        (
            _("Times"),
            {
                "fields": [
                    *("ordered_at", "payment_deadline", "paid_at", "cancelled_at", "refunded_at"),
                    *("service_start", "service_end", "source_updated_at"),
                ]
            },
        ),
    ]

    class Media:
        css = {"all": ["css/office-orders.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        orders: Any = super().get_queryset(request)
        return orders.with_status_at(timezone.now())

    def search_for(self, term: str) -> Q:
        """Match an order number, or else an account's orders. A query for both would use no index."""
        order_ids = get_ids(Order.objects.numbered(term))
        return Q(pk__in=order_ids) if order_ids else Q(account__in=find_account_ids(term))

    @admin.display(description=_("account"))
    def customer(self, order: Order) -> SafeString:
        return account_link(order.account)

    @admin.display(description=_("account"))
    def account_number(self, order: Order) -> str:
        return with_test_mark(order.account.number, is_test=order.account.is_test)

    @admin.display(description=_("status"))
    def status_now(self, order: Any) -> str:
        return badge(order.status_at, Order.Status(order.status_at).label)

    @admin.display(description=_("amount"))
    def amount(self, order: Order) -> str:
        return format_amount(order.payable_amount, order.currency)

    @admin.display(description=_("list amount"))
    def listed(self, order: Order) -> str:
        return format_amount(order.list_amount, order.currency)

    @admin.display(description=_("tax"), empty_value="-")
    def tax(self, order: Order) -> str | None:
        if order.tax_rate is None or order.tax_amount is None:
            return None
        return f"{plain_percent(order.tax_rate)}% · {format_amount(order.tax_amount, order.currency)}"

    @admin.display(description=_("invoice numbers"))
    def invoices(self, order: Order) -> str:
        return ", ".join(order.invoice_numbers)

    @admin.display(description=_("metadata"))
    def pairs(self, order: Order) -> str:
        return "; ".join(f"{key}: {value}" for key, value in order.metadata.items())
