"""Accounts, the issuer and the money in Django's admin. What has happened is read there, never changed."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from billing.models import Account, Issuer, LedgerEntry, Membership, RemittanceAccount


class KeptAdmin(admin.ModelAdmin):
    """Rows that others refer to: never deleted, by anyone."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(KeptAdmin):
    """Rows that only services and the clock write: not added or changed here either, superusers included."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ["user"]


@admin.register(Account)
class AccountAdmin(KeptAdmin):
    list_display = ["number", "certified_name", "certification", "time_zone"]
    list_filter = ["certification"]
    search_fields = ["number", "certified_name"]
    inlines = [MembershipInline]

    def get_readonly_fields(self, request: HttpRequest, obj: Account | None = None) -> list[str]:
        return ["number", "currency"] if obj else []  # imports and the ledger hold on to them


@admin.register(Issuer)
class IssuerAdmin(KeptAdmin):
    list_display = ["name", "payee_bank", "payee_account"]


@admin.register(RemittanceAccount)
class RemittanceAccountAdmin(KeptAdmin):
    list_display = ["account", "account_number", "bank", "payee"]
    list_select_related = ["account"]
    search_fields = ["account__number", "account_number"]
    autocomplete_fields = ["account"]


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin):
    list_display = ["account", "amount", "bank_reference", "booked_at", "note"]
    list_select_related = ["account"]
    search_fields = ["account__number", "bank_reference"]
    ordering = ["-booked_at", "-pk"]
