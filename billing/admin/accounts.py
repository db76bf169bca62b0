"""Accounts, their members and their remittance accounts."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from billing.admin.base import KeptAdmin, account_ids
from billing.admin.people import record_member_changes
from billing.models import Account, Membership, RemittanceAccount
from billing.normal_forms import normalise_code, normalise_line


class MembershipInline(admin.StackedInline):  # a table's fields would have no labels of their own
    model = Membership
    extra = 0
    autocomplete_fields = ["user"]


@admin.register(Account)
class AccountAdmin(KeptAdmin):
    """Certification is decided by a request for it, and by nothing else (R11)."""

    list_display = ["number", "certified_name", "certification", "time_zone"]
    list_filter = ["certification"]
    ordering = ["number"]
    search_fields = ["number", "certified_name"]
    search_help_text = _("Account number from its beginning, or part of the name")
    inlines = [MembershipInline]

    def search_for(self, term: str) -> Q:
        by_number = Q(number__startswith=normalise_code(term))
        if Account.objects.filter(by_number).exists():
            return by_number
        return Q(certified_name__icontains=normalise_line(term))

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        record_member_changes(request, formset)

    def get_readonly_fields(self, request: HttpRequest, obj: Account | None = None) -> list[str]:
        known = ["number", "currency"] if obj else []  # imports and the ledger hold on to them
        return ["certification", "certified_name", "credit_code", *known]


@admin.register(RemittanceAccount)
class RemittanceAccountAdmin(KeptAdmin):
    list_display = ["account", "account_number", "bank", "payee"]
    list_select_related = ["account"]
    search_fields = ["account__number", "account_number"]
    autocomplete_fields = ["account"]

    def search_for(self, term: str) -> Q:
        return Q(account_number=term) | Q(account__in=account_ids(term))
